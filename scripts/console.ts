import type { Log } from "../lib/log.ts";
import type { EndedCase } from "../reports/journal.ts";
import { countsOf, type RunReport, type StageReport } from "../reports/model.ts";

/** One line for a stage that ended. */
export function tellStage(log: Log, { title, phase, seconds, outcome, error }: StageReport): void {
  const name = phase === "setup" ? title : `${title} (teardown)`;
  const time = `(${seconds.toFixed(1)} s)`;
  if (outcome === "passed") return log.info(`stage ${name} done ${time}`);
  log.warn(`stage ${name} ${outcome} ${time}${error ? `\n${error.message}` : ""}`);
}

/** One line for a check that ended, and below it what was expected and what came. */
export function tellCase(log: Log, { id, outcome, seconds, reason, failure, attachments }: EndedCase): void {
  const time = `(${seconds.toFixed(1)} s)`;
  if (outcome === "passed") return log.info(`ok    ${id} ${time}`);
  if (outcome === "skipped") return log.info(`skip  ${id}: ${reason}`);
  log.info(`${outcome === "failed" ? "FAIL " : "ERROR"} ${id} ${time}`);
  const { message = "", expected, actual } = failure ?? {};
  for (const line of message.split("\n")) log.info(`      ${line}`);
  if (expected !== undefined) log.info(`      expected: ${expected}`);
  if (actual !== undefined) log.info(`      got:      ${actual}`);
  for (const path of attachments) log.info(`      evidence: ${path}`);
}

/** The end of a run: what is red once more, verdict, where the report is. */
export function tellReport(log: Log, report: RunReport, folder: string): void {
  const red = report.cases.filter((one) => one.outcome === "failed" || one.outcome === "error");
  for (const one of red) log.info(`${one.outcome === "failed" ? "FAIL " : "ERROR"} ${one.id}: ${one.title}`);
  const stories = report.cases.filter(({ suite }) => suite === "scenarios");
  if (stories.length === report.cases.length) for (const story of stories) log.info(storyLine(story));
  const unstarted = report.cases.filter((one) => one.outcome === "skipped" && one.startedAt === undefined);
  if (unstarted.length > 0) log.info(`${unstarted.length} checks skipped, the first because: ${unstarted[0]?.reason}`);
  log.info(`report: ${folder}`);
  log.info(`verdict: ${report.verdict} after ${report.seconds.toFixed(0)} s, exit code ${report.exitCode}`);
}

/** A run of the sources' scenarios alone ends with a line for each. */
function storyLine({ outcome, title, reason }: RunReport["cases"][number]): string {
  const words = { passed: "proved", flaky: "FLAKY ", failed: "FAILED", error: "ERROR ", skipped: "skipped" } as const;
  return `${words[outcome]}: ${title}${reason ? ` (${reason})` : ""}`;
}

/** The line that CI reads: `N passed, N failed, N skipped`. */
export function countsLine(report: RunReport): string {
  const { passed, failed, skipped } = countsOf(report);
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
