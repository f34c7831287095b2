import { type CaseReport, type Counts, countsOf, type Profile, type RunReport } from "./model.ts";

/** The content of `report.json`: the whole report, and what a reader asks first, counted. */
export interface Statement extends RunReport {
  counts: Counts;
  profiles: Record<Profile, Record<CaseReport["outcome"], number>>;
}

/** The run as JSON. */
export function statement(report: RunReport): string {
  const { cases } = report;
  const profiles = { core: tally(cases, "core"), extended: tally(cases, "extended") };
  const all: Statement = { ...report, counts: countsOf(report), profiles };
  return `${JSON.stringify(all, null, 2)}\n`;
}

function tally(cases: readonly CaseReport[], profile: Profile): Record<CaseReport["outcome"], number> {
  const sums = { passed: 0, flaky: 0, failed: 0, error: 0, skipped: 0 };
  for (const one of cases) if (one.profile === profile) sums[one.outcome] += 1;
  return sums;
}
