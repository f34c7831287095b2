import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import { findChromium } from "../reports/html/chromium.ts";
import { measureReports, reportFigures, secondsToOpen } from "./bench-reports.ts";

test("Every figure of the reports has a sample, or says why it has none.", async () => {
  const folder = await temporaryFolder();
  const samples = await measureReports(folder, { small: 20, large: 200 });
  expect(samples.map(({ name }) => name).toSorted()).toEqual(reportFigures.toSorted());
  for (const { name, sample, leftOut } of samples) {
    if (leftOut === undefined) expect(sample, name).toBeGreaterThan(0);
    else expect(leftOut, name).toMatch(/\w/);
  }
  const of = (name: string) => samples.find((figure) => figure.name === name)?.sample;
  // 200 checks of some 3 kB.
  expect(of("statementSize")).toBeGreaterThan(0.2);
  expect(of("statementSize")).toBeLessThan(2);
  expect(of("sizeGrowth")).toBeLessThan(1.2);
  expect(await readdir(folder)).toEqual(["200"]);
  expect(await readdir(join(folder, "200"))).toEqual(
    expect.arrayContaining(["journal.ndjson", "junit.xml", "report.json"]),
  );
});

test.runIf(findChromium() !== undefined)("A page is open once it has been drawn, its scripts included.", async () => {
  const page = join(await temporaryFolder(), "page.html");
  const work = "const until = performance.now() + 700; while (performance.now() < until);";
  await writeFile(page, `<!doctype html><title>page</title><script>${work}</script>`);
  expect(await secondsToOpen(page)).toBeGreaterThan(0.7);
});
