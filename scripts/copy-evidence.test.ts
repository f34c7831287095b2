import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import { type Budget, copyEvidence } from "./copy-evidence.ts";

const files = {
  "diagnostics/a/x/events.txt": "events",
  "diagnostics/cluster/node.log": "node",
  "suites.log": "suites",
  "report.json": "{}",
  "extra/trace.txt": "trace",
};

interface Places {
  from: string;
  into: string;
}

async function places(): Promise<Places> {
  const folder = await temporaryFolder();
  const from = join(folder, "run");
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(from, path)), { recursive: true });
    await writeFile(join(from, path), text);
  }
  return { from, into: join(folder, "merged") };
}

const copy = (where: Places, linked: string[], budget: Budget = { bytes: 1000, files: 100 }) =>
  copyEvidence({ ...where, linked, budget });
const contents = async ({ into }: Places) => {
  const entries = await readdir(into, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  return Object.fromEntries(paths.map((path, index) => [path.slice(into.length + 1), texts[index]]));
};

test("What is linked is copied, the rest of the evidence, and what the suites printed.", async () => {
  const where = await places();
  expect(await copy(where, ["diagnostics/a/x/events.txt", "extra/trace.txt"])).toBe(0);
  const { "report.json": _, ...evidence } = files;
  expect(await contents(where)).toEqual(evidence);
});

test("In the place of a linked file that is not there a line says so.", async () => {
  const where = await places();
  expect(await copy(where, ["diagnostics/gone.txt"])).toBe(0);
  expect(await contents(where)).toMatchObject({
    "diagnostics/gone.txt": "This file was not copied: it is not in the run's folder.\n",
  });
});

test.for([
  ["bytes", { bytes: 11, files: 100 }],
  ["files", { bytes: 1000, files: 2 }],
] as const)("When no %s are left, linked files have come first and the others stay behind.", async ([, budget]) => {
  const where = await places();
  expect(await copy(where, ["extra/trace.txt", "diagnostics/a/x/events.txt", "report.json"], { ...budget })).toBe(3);
  expect(await contents(where)).toEqual({
    "diagnostics/a/x/events.txt": "events",
    "extra/trace.txt": "trace",
    "report.json": "This file was not copied: the evidence of all shards is too large.\n",
  });
});

test("What was copied is taken from the budget of the next shard.", async () => {
  const budget = { bytes: 1000, files: 100 };
  await copy(await places(), [], budget);
  expect(budget).toEqual({ bytes: 1000 - "eventsnodesuites".length, files: 97 });
});

test.for(["../secret.txt", "/etc/hostname", "diagnostics/../../secret.txt", "."])(
  "A link to %s, out of the run's folder, is a usage error and copies nothing.",
  async (path) => {
    const where = await places();
    await writeFile(join(where.from, "../secret.txt"), "secret");
    await expect(copy(where, [path])).rejects.toMatchObject({ kind: "usage", message: expect.stringContaining(path) });
    await expect(readdir(where.into)).rejects.toThrow("ENOENT");
  },
);

test("A symbolic link out of the folder is not followed.", async () => {
  const where = await places();
  await mkdir(join(where.from, "../elsewhere"));
  await writeFile(join(where.from, "../elsewhere/secret.txt"), "secret");
  await symlink("../../elsewhere", join(where.from, "diagnostics/folder"));
  await symlink("../../elsewhere/secret.txt", join(where.from, "diagnostics/file.txt"));
  await copy(where, ["diagnostics/file.txt", "diagnostics/folder/secret.txt"]);
  expect(Object.values(await contents(where)).join("\n")).not.toContain("secret");
});

test("An interrupt ends the copying.", async () => {
  const where = await places();
  const signal = AbortSignal.abort(new Error("Ctrl-C"));
  const budget = { bytes: 1000, files: 100 };
  await expect(copyEvidence({ ...where, linked: [], budget, signal })).rejects.toThrow("Ctrl-C");
});
