import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { readEvidence } from "./evidence.ts";
import { sampleCase, sampleReport, sampleStage } from "./sample.ts";

const failure = { type: "ExpectationError", message: "It was reset." };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vmesh-evidence-"));
  await mkdir(join(folder, "run/diagnostics"), { recursive: true });
  return () => rm(folder, { recursive: true });
});

/** What the page gets of these attachments of one failed check. */
async function read(attachments: string[], limits = { bytesPerFile: 2_000, bytes: 3_000, files: 5 }) {
  const cases = [sampleCase({ failure, outcome: "failed", attachments })];
  return readEvidence(join(folder, "run"), sampleReport({ cases }), limits);
}

test("The evidence of broken stages and red checks is read, that of others is not.", async () => {
  await writeFile(join(folder, "run/diagnostics/events.txt"), "one event\n");
  expect(await read(["diagnostics/events.txt"])).toEqual(
    new Map([["diagnostics/events.txt", { bytes: 10, text: "one event\n" }]]),
  );
  const attachments = ["diagnostics/events.txt"];
  const broken = sampleReport({ stages: [sampleStage({ outcome: "failed", attachments })], cases: [] });
  expect((await readEvidence(join(folder, "run"), broken)).size).toBe(1);
  const green = sampleReport({ stages: [sampleStage({ attachments })], cases: [sampleCase({ attachments })] });
  expect(await readEvidence(join(folder, "run"), green)).toEqual(new Map());
});

test("Of a long file the beginning and the end are shown, whole characters, and how much is between.", async () => {
  await writeFile(join(folder, "run/long.log"), `first${"é".repeat(4_000)}last`);
  const { text = "", bytes } = (await read(["long.log"])).get("long.log") ?? {};
  expect(bytes).toBe(8_009);
  expect(text).toMatch(/^firsté+\n… 6109 bytes left out …\né+last$/);
});

test("Once the page is full, files are named alone.", async () => {
  for (const name of ["a", "b", "c", "d"]) await writeFile(join(folder, "run", name), name.repeat(1_200));
  const evidence = await read(["a", "b", "c", "d"]);
  expect([...evidence.values()].map(({ text }) => text?.length)).toEqual([1_200, 1_200, undefined, undefined]);
  expect(evidence.get("c")).toEqual({ bytes: 1_200, absent: expect.stringContaining("shows no more") });
  expect([...(await read(["a", "b"], { bytesPerFile: 9, bytes: 9, files: 1 })).keys()]).toEqual(["a"]);
});

test.for([
  ["that is not there", "missing.log", /cannot be read \(ENOENT\)/],
  ["outside of the report folder", "../secret", /not in the report folder/],
  ["to which a link in the folder leads", "link", /not in the report folder/],
  ["that is not text", "image", /not text/],
] as const)("A file %s has no text, and that is told.", async ([, path, why]) => {
  await writeFile(join(folder, "secret"), "token");
  await symlink("../secret", join(folder, "run/link"));
  await writeFile(join(folder, "run/image"), Buffer.from([137, 80, 0, 1]));
  const file = (await read([path])).get(path);
  expect(file?.absent).toMatch(why);
  expect(file).not.toHaveProperty("text");
});
