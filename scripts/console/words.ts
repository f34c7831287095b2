import { judgedOf } from "../../reports/failure.ts";
import type { EndedCase } from "../../reports/journal.ts";
import { countsOf, type RunReport, stageName, type StageReport } from "../../reports/model.ts";

/** A stage that ended; the first line of one that did not pass is a warning's. */
export function stageLines(stage: StageReport): string[] {
  const { outcome, seconds, error } = stage;
  const time = `(${seconds.toFixed(1)} s)`;
  if (outcome === "passed") return [`stage ${stageName(stage)} done ${time}`];
  const message = error === undefined ? [] : error.message.split("\n");
  return [`stage ${stageName(stage)} ${outcome} ${time}`, ...message];
}

/** One line for a check that ended, and below it what was expected and what came. */
export function caseLines(ended: EndedCase): string[] {
  const { id, outcome, seconds, reason, failure, attachments, attempt = 1 } = ended;
  const time = `(${seconds.toFixed(1)} s)`;
  if (outcome === "passed") return [`${attempt > 1 ? "FLAKY" : "ok   "} ${id} ${time}`];
  if (outcome === "skipped") return [`skip  ${id}: ${reason}`];
  const { message = "" } = failure ?? {};
  const { expected, actual } = judgedOf(failure ?? {});
  return [
    `${outcome === "failed" ? "FAIL " : "ERROR"} ${id} ${time}`,
    ...below("", message),
    ...(expected === undefined ? [] : below("expected: ", expected)),
    ...(actual === undefined ? [] : below("got:      ", actual)),
    ...attachments.flatMap((path) => below("evidence: ", path)),
  ];
}

/** The end of a run: what is red or flaky once more, verdict, where the report is. */
export function reportLines(report: RunReport, folder: string): string[] {
  const { cases, verdict, seconds, exitCode } = report;
  const words = { failed: "FAIL ", error: "ERROR", flaky: "FLAKY" } as const;
  const bad = cases.flatMap(({ id, title, outcome }) =>
    outcome in words ? `${words[outcome as keyof typeof words]} ${id}: ${title}` : [],
  );
  const stories = cases.filter(({ suite }) => suite === "scenarios");
  const unstarted = cases.filter((one) => one.outcome === "skipped" && one.startedAt === undefined);
  return [
    ...bad,
    ...(stories.length === cases.length ? stories.map(storyLine) : []),
    ...(unstarted.length > 0 ? [`${unstarted.length} checks skipped, the first because: ${unstarted[0]?.reason}`] : []),
    `report: ${folder}`,
    `verdict: ${verdict} after ${seconds.toFixed(0)} s, exit code ${exitCode}`,
  ];
}

/** The line that CI reads: `N passed, N failed, N skipped`. */
export function countsLine(report: RunReport): string {
  const { passed, failed, skipped } = countsOf(report);
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Further lines stand below the first one. */
function below(label: string, text: string): string[] {
  return text.split("\n").map((line, index) => `      ${index === 0 ? label : " ".repeat(label.length)}${line}`);
}

/** A run of the sources' scenarios alone ends with a line for each. */
function storyLine({ outcome, title, reason }: RunReport["cases"][number]): string {
  const words = { passed: "proved", flaky: "FLAKY ", failed: "FAILED", error: "ERROR ", skipped: "skipped" } as const;
  return `${words[outcome]}: ${title}${reason ? ` (${reason})` : ""}`;
}
