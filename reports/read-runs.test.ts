import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import { readRuns } from "./read-runs.ts";
import { sampleReport } from "./sample.ts";
import { statement } from "./statement.ts";

/** A report folder with three runs, named here by age, and things beside them that are no runs. */
async function out(): Promise<string> {
  const folder = await temporaryFolder();
  for (const [runId, day] of [
    ["old", 1],
    ["middle", 2],
    ["a-new", 3],
  ] as const) {
    await mkdir(join(folder, runId));
    const report = sampleReport({ runId, startedAt: `2026-01-0${day}T00:00:00.000Z` });
    await writeFile(join(folder, runId, "report.json"), statement(report));
  }
  await mkdir(join(folder, "bench"));
  await writeFile(join(folder, "notes.txt"), "");
  await symlink("a-new", join(folder, "latest"));
  return folder;
}

test.for([
  ["one run", (folder: string) => join(folder, "old"), ["old"]],
  ["a list, sorted by age", (folder: string) => `latest,${folder}/old/report.json`, ["old", "a-new"]],
  ["a folder of runs, `latest` not twice", (folder: string) => folder, ["old", "middle", "a-new"]],
] as const)("A side of a comparison is %s", async ([, names, expected]) => {
  const folder = await out();
  const runs = await readRuns(names(folder), folder);
  expect(runs.map(({ report }) => report.runId)).toEqual(expected);
});

test("A folder with a comma in its name is one folder", async () => {
  const folder = await out();
  await mkdir(join(folder, "a,b"));
  await writeFile(join(folder, "a,b", "report.json"), statement(sampleReport({ runId: "comma" })));
  expect(await readRuns(join(folder, "a,b"), folder)).toMatchObject([{ report: { runId: "comma" } }]);
});

test.for([
  ["a run that is named twice", (folder: string) => `latest,${folder}/a-new`, "The run `a-new` is named twice"],
  ["a folder without a run", (folder: string) => `${folder}/bench`, "There is no report at"],
  ["a run that is not there", (folder: string) => `latest,${folder}/nowhere`, "There is no report at"],
  ["a list of nothing", () => ",", "`,` names no run."],
] as const)("For %s it is a usage error", async ([, names, message]) => {
  const folder = await out();
  await expect(readRuns(names(folder), folder)).rejects.toMatchObject({
    kind: "usage",
    message: expect.stringContaining(message),
  });
});
