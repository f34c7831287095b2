import { expect, test } from "vitest";
import { reportFrom } from "../reports/fold.ts";
import type { JournalEvent } from "../reports/journal.ts";
import { syntheticEvents } from "./synthetic-run.ts";

const reportOf = (checks: number) =>
  reportFrom(syntheticEvents(checks).map((event) => ({ at: "2026-01-02T03:04:05.000Z", ...event }) as JournalEvent));

test("A synthetic run has every outcome in its share, and no check that is not told.", () => {
  const { cases, verdict } = reportOf(200);
  const outcomes = Object.groupBy(cases, ({ outcome }) => outcome);
  const counts = Object.fromEntries(Object.entries(outcomes).map(([outcome, some]) => [outcome, some.length]));
  expect(counts).toEqual({ passed: 178, failed: 6, error: 2, skipped: 10, flaky: 4 });
  expect(verdict).toBe("failed");
  expect(new Set(cases.map(({ id }) => id)).size).toBe(200);
});

test("A synthetic check has what a real one has.", () => {
  const passed = reportOf(100).cases.find(({ outcome }) => outcome === "passed");
  expect(passed).toMatchObject({ calls: { length: 4 }, milestones: { length: 2 }, properties: { requests: 30 } });
  const failed = reportOf(100).cases.find(({ outcome }) => outcome === "failed");
  expect(failed?.failure?.stack?.split("\n")).toHaveLength(12);
  expect(failed?.attachments).toHaveLength(4);
});

test("The same count gives the same journal.", () => {
  expect(syntheticEvents(30)).toEqual(syntheticEvents(30));
});
