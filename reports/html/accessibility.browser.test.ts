import axe from "axe-core";
import { expect, test } from "vitest";
import type { RunReport } from "../model.ts";
import { errorRun, failingRun, sampleEvidence } from "../sample-faults.ts";
import { sampleRun } from "../sample-run.ts";
import { openAll, withBrowser } from "./browser.fixture.ts";
import type { View } from "./chromium.ts";

const open = withBrowser();

const views: [string, () => RunReport, Pick<View, "width" | "colorScheme">][] = [
  ["a failing run, wide and light", failingRun, { width: 1280, colorScheme: "light" }],
  ["a failing run, wide and dark", failingRun, { width: 1280, colorScheme: "dark" }],
  ["a failing run, narrow and light", failingRun, { width: 390, colorScheme: "light" }],
  ["a failing run, narrow and dark", failingRun, { width: 390, colorScheme: "dark" }],
  ["a passing run", sampleRun, { width: 1280, colorScheme: "light" }],
  ["a run that ended in an error", errorRun, { width: 390, colorScheme: "dark" }],
];

test.for(views)(
  "The page of %s has no fault that axe finds and nothing that reaches out sideways, with all of it open.",
  async ([, report, view]) => {
    const { page, complaints } = await open(report(), view, sampleEvidence());
    await openAll(page);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(view.width);
    await page.evaluate(axe.source);
    const { violations, passes } = await page.evaluate(() => {
      const { axe: inPage } = globalThis as unknown as { axe: typeof axe };
      return inPage.run();
    });
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")} ${failureSummary}`),
    );
    expect(found).toEqual([]);
    expect(passes.map(({ id }) => id)).toContain("color-contrast");
    expect(complaints).toEqual([]);
  },
);
