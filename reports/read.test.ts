import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import { readReport } from "./read.ts";
import { sampleReport } from "./sample.ts";
import { statement } from "./statement.ts";

/** A report folder with one run, which `latest` points to. */
async function out(text = statement(sampleReport())): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "run-1"));
  await writeFile(join(folder, "run-1", "report.json"), text);
  await symlink("run-1", join(folder, "latest"));
  return folder;
}

test.for([
  ["the folder of the run", (folder: string) => join(folder, "run-1"), "run-1"],
  ["its file", (folder: string) => join(folder, "run-1", "report.json"), "run-1"],
  ["the word `latest`", () => "latest", "latest"],
] as const)("A report is found by %s", async ([, name, at]) => {
  const folder = await out();
  expect(await readReport(name(folder), folder)).toMatchObject({
    folder: join(folder, at),
    report: { ...JSON.parse(JSON.stringify(sampleReport())), apiVersion: "vmesh.dev/v1" },
  });
});

test("Keys of a later vmesh are left aside", async () => {
  const folder = await out(JSON.stringify({ ...JSON.parse(statement(sampleReport())), signedBy: "someone" }));
  expect((await readReport("latest", folder)).report).not.toHaveProperty("signedBy");
});

test.for([
  ["nowhere", statement(sampleReport()), /^There is no report at `.*\/nowhere`\.$/],
  [".", statement(sampleReport()), /^There is no report at `.*\/report\.json`\.$/],
  ["run-1", "<html>", /report\.json` is no report of vmesh: it is not JSON\.$/],
  ["run-1", "null", /is no report of vmesh: it does not begin with apiVersion `vmesh\.dev\/v1` and kind/],
  ["run-1", '{"apiVersion":"v1","kind":"Pod"}', /is no report of vmesh: it does not begin with apiVersion/],
  [
    "run-1",
    statement(sampleReport()).replace("vmesh.dev/v1", "vmesh.dev/v2"),
    /has the schema version `vmesh\.dev\/v2`, expected `vmesh\.dev\/v1`\.$/,
  ],
  ["run-1", statement(sampleReport()).replace('"failed"', '"bad"'), /report\.json` is damaged: 1 places break the/],
] as const)("For `%s` that holds %j it is a usage error", async ([name, text, message], { expect }) => {
  const folder = await out(text);
  await expect(readReport(join(folder, name), folder)).rejects.toMatchObject({
    kind: "usage",
    message: expect.stringMatching(message),
    hint: expect.any(String),
  });
});

test("What is damaged is told with its place", async () => {
  const folder = await out(statement(sampleReport()).replace('"nodes": 1', '"nodes": "one"'));
  await expect(readReport("latest", folder)).rejects.toMatchObject({ evidence: expect.stringContaining("→ at nodes") });
});
