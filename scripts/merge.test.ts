import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import { placeOf } from "../reports/junit/place.ts";
import type { RunReport } from "../reports/model.ts";
import { readReport } from "../reports/read.ts";
import { sampleCase, sampleReport, sampleStage } from "../reports/sample.ts";
import { statement } from "../reports/statement.ts";
import { mergeRuns } from "./merge.ts";

let folder = "";
let printed = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  printed = "";
  const keep = (text: unknown) => ((printed += String(text)), true);
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write").mockImplementation(keep));
  onTestFinished(() => spies.forEach((spy) => spy.mockRestore()));
});

const evidence = "diagnostics/a/strict/events.txt";
const red = { outcome: "failed", failure: { type: "Error", message: "it was answered" } } as const;
const shards: Record<string, Partial<RunReport>> = {
  one: { cases: [sampleCase({ id: "a/plain" })] },
  two: { cases: [sampleCase({ id: "a/strict", ...red, attachments: [evidence] })] },
};

/** Writes both shards with their evidence, with a change to the second one. */
async function runs(change: Partial<RunReport> = {}): Promise<string[]> {
  return Promise.all(
    Object.entries(shards).map(async ([runId, own], index) => {
      const selection = { shard: [`${index + 1}/2`] };
      const stages = [sampleStage()];
      const report = sampleReport({ runId, selection, stages, ...own, ...(index === 1 ? change : {}) });
      await mkdir(join(folder, runId, dirname(evidence)), { recursive: true });
      await writeFile(join(folder, runId, evidence), `events of ${runId}`);
      await writeFile(join(folder, runId, "report.json"), statement(report));
      return join(folder, runId);
    }),
  );
}

test("Shards become one folder with every report, and the links to their evidence lead to it.", async () => {
  const out = join(folder, "deep", "merged");
  expect(await mergeRuns({ out }, await runs())).toBe(1);
  expect((await readdir(out)).toSorted()).toEqual(["junit.xml", "report.html", "report.json", "shard-1", "shard-2"]);
  const { report } = await readReport(out, "");
  expect(report).toMatchObject({ verdict: "failed", exitCode: 1, counts: { passed: 1, failed: 1, skipped: 0 } });
  const [path = ""] = report.cases.flatMap(({ attachments }) => attachments);
  expect(await readFile(join(out, path), "utf8")).toBe("events of two");
  expect(await readFile(join(out, "junit.xml"), "utf8")).toContain(`[[ATTACHMENT|${join(placeOf(out), path)}]]`);
  expect(printed).toMatch(/^FAIL {2}a\/strict: [\s\S]*verdict: failed [\s\S]*\n1 passed, 1 failed, 0 skipped\n$/);
  expect(await readdir(join(folder, "deep"))).toEqual(["merged"]);
});

test("The report of merged shards is one that can be merged and compared again.", async () => {
  const out = join(folder, "merged");
  await mkdir(out);
  await mergeRuns({ out }, await runs());
  expect(await mergeRuns({ out: join(folder, "again") }, [out])).toBe(1);
});

test("The strict dialect is handed on.", async () => {
  const out = join(folder, "merged");
  await mergeRuns({ out, junit: "strict" }, await runs());
  expect(await readFile(join(out, "junit.xml"), "utf8")).not.toContain("<testsuites");
});

test.for([
  ["runs of different things", { versions: { istio: "1.30.0" } }, "The runs are no shards of one run"],
  ["a check in both", { cases: [sampleCase({ id: "a/plain" })] }, "A check is in more than one shard."],
  [
    "evidence that is elsewhere",
    { cases: [sampleCase({ id: "a/x", attachments: ["../one/report.json"] })] },
    "links to `",
  ],
] as const)("For %s it is a usage error, and nothing is left.", async ([, change, message]) => {
  const out = join(folder, "merged");
  await expect(mergeRuns({ out }, await runs(change))).rejects.toMatchObject({
    kind: "usage",
    message: expect.stringContaining(message),
  });
  expect((await readdir(folder)).toSorted()).toEqual(["one", "two"]);
});

test("A folder that holds something already is a usage error and stays as it is.", async () => {
  const [one = "", two = ""] = await runs();
  await expect(mergeRuns({ out: one }, [one, two])).rejects.toMatchObject({
    kind: "usage",
    message: `The folder \`${one}\` holds 2 files, expected none.`,
  });
  expect((await readReport(one, "")).report.runId).toBe("one");
});

test("A file in the place of the folder is a usage error.", async () => {
  const names = await runs();
  await writeFile(join(folder, "file"), "");
  await expect(mergeRuns({ out: join(folder, "file") }, names)).rejects.toMatchObject({ kind: "usage" });
});

test("A folder that cannot be written is an environment error.", async () => {
  // With the ending of a draft it is longer than a name may be.
  const out = join(folder, "x".repeat(250));
  await expect(mergeRuns({ out }, await runs())).rejects.toMatchObject({
    kind: "environment",
    message: `The report folder \`${out}\` cannot be written.`,
  });
});
