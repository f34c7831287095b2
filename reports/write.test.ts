import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sampleReport } from "./sample.ts";
import { writeReports, writeWhole } from "./write.ts";

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vmesh-write-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test("A report folder gets `report.json` with counts per profile and `junit.xml`, and no drafts", async () => {
  const folder = await newFolder();
  await writeReports(folder, sampleReport(), "default");
  expect((await readdir(folder)).toSorted()).toEqual(["junit.xml", "report.json"]);
  expect(JSON.parse(await readFile(join(folder, "report.json"), "utf8"))).toMatchObject({
    verdict: "failed",
    counts: { passed: 1, failed: 1, skipped: 1 },
    profiles: { core: { counts: { passed: 1, failed: 1 } }, extended: { counts: { skipped: 1 } } },
  });
});

test("A file that is there is replaced as a whole", async () => {
  const path = join(await newFolder(), "file");
  await writeFile(path, "a long earlier text");
  await writeWhole(path, "new");
  expect(await readFile(path, "utf8")).toBe("new");
});

test("Writing into a folder that is not there rejects and says which", async () => {
  await expect(writeWhole("/nonexistent/vmesh/file", "x")).rejects.toThrow("/nonexistent/vmesh/file");
});
