import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { sampleReport } from "./sample.ts";
import { writeReports, writeWhole } from "./write.ts";

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vmesh-write-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test("A report folder gets `report.json` with counts per profile, `junit.xml` and `report.html`, and no drafts", async () => {
  const folder = await newFolder();
  await writeReports(folder, sampleReport(), "default");
  expect((await readdir(folder)).toSorted()).toEqual(["junit.xml", "report.html", "report.json"]);
  expect(JSON.parse(await readFile(join(folder, "report.json"), "utf8"))).toMatchObject({
    verdict: "failed",
    counts: { passed: 1, failed: 1, skipped: 1 },
    profiles: { core: { counts: { passed: 1, failed: 1 } }, extended: { counts: { skipped: 1 } } },
  });
});

test("The page shows the evidence that lies in the report folder", async () => {
  const folder = await newFolder();
  await mkdir(join(folder, "diagnostics/inbound/strict"), { recursive: true });
  await writeFile(join(folder, "diagnostics/inbound/strict/events.txt"), "the proxy <was> not ready");
  await writeReports(folder, sampleReport(), "default");
  expect(await readFile(join(folder, "report.html"), "utf8")).toContain("the proxy &lt;was&gt; not ready");
});

test("Evidence is linked from the workspace on, also where the folder is a draft yet", async () => {
  const folder = await newFolder();
  vi.stubEnv("CI_PROJECT_DIR", dirname(folder));
  onTestFinished(() => void vi.unstubAllEnvs());
  const links = async () => (await readFile(join(folder, "junit.xml"), "utf8")).match(/(?<=\|)[^\]|]*events\.txt/)?.[0];
  await writeReports(folder, sampleReport(), "default");
  expect(await links()).toBe(`${basename(folder)}/diagnostics/inbound/strict/events.txt`);
  await writeReports(folder, sampleReport(), "default", join(dirname(folder), "merged"));
  expect(await links()).toBe("merged/diagnostics/inbound/strict/events.txt");
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

test("A file that cannot take its place leaves no draft, and what is there stays", async () => {
  const folder = await newFolder();
  await mkdir(join(folder, "file", "inside"), { recursive: true });
  await expect(writeWhole(join(folder, "file"), "new")).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(await readdir(folder)).toEqual(["file"]);
  expect(await readdir(join(folder, "file"))).toEqual(["inside"]);
});

test("Whoever reads while the file is replaced sees the whole of one text", async () => {
  const path = join(await newFolder(), "file");
  const texts = ["a", "b"].map((letter) => letter.repeat(2_000_000));
  await writeWhole(path, texts[0] ?? "");
  let writing = true;
  const writer = (async () => {
    for (let round = 1; round <= 20; round += 1) await writeWhole(path, texts[round % 2] ?? "");
    writing = false;
  })();
  let reads = 0;
  for (; writing || reads === 0; reads += 1) expect(texts.includes(await readFile(path, "utf8"))).toBe(true);
  await writer;
  expect(reads).toBeGreaterThan(1);
});
