import type { CaseReport, RunReport, StageReport } from "../model.ts";
import { xmlLine } from "../xml-text.ts";
import { type Fault, faultsOf } from "./faults.ts";
import { caseProperties, type Property } from "./properties.ts";

/** What one `<testcase>` is made of. */
export interface Entry {
  suite: string;
  name: string;
  seconds: number;
  startedAt: string | undefined;
  outcome: "passed" | "failed" | "error" | "skipped";
  /** Why it was skipped. */
  reason?: string | undefined;
  /** The first is its end if it is red. */
  faults: readonly Fault[];
  properties: readonly Property[];
  attachments: readonly string[];
  output?: string | undefined;
}

/** Stages, then the verdict, then checks; no two of one suite have the same name. */
export function entriesOf(report: RunReport): Entry[] {
  const entries = [...report.stages.map(stageEntry), ...report.cases.map((one) => caseEntry(one, report.failOnFlaky))];
  const verdict = verdictEntry(report, entries);
  return distinct([...entries.slice(0, report.stages.length), verdict, ...entries.slice(report.stages.length)]);
}

const around = "vmesh.stages";

function stageEntry({ title, phase, startedAt, seconds, outcome, error, attachments = [] }: StageReport): Entry {
  const passed = outcome === "passed";
  const failure = error ?? { type: outcome === "interrupted" ? "Interrupted" : "Error", message: outcome };
  return {
    suite: around,
    name: phase === "setup" ? title : `${title} (teardown)`,
    seconds,
    startedAt,
    outcome: passed ? "passed" : "error",
    faults: passed ? [] : [{ element: "error", failure }],
    properties: [["phase", phase]],
    attachments,
  };
}

/**
 * Red where the exit code is and nothing else would show it: every check skipped, a skipped one where all were
 * required, an interrupt between stages. It is there in every run, as a row that is only ever red tells nobody that it
 * is green again.
 */
function verdictEntry({ verdict, exitCode, interruption }: RunReport, others: readonly Entry[]): Entry {
  const explained = others.some(({ outcome }) => outcome === "failed" || outcome === "error");
  const passed = exitCode === 0 || explained;
  const why = interruption ?? "no check failed, but not all that had to run did";
  const message = `the run is \`${verdict}\` and ends with exit code ${exitCode}: ${why}`;
  return {
    suite: around,
    name: "verdict",
    seconds: 0,
    startedAt: undefined,
    outcome: passed ? "passed" : "error",
    faults: passed ? [] : [{ element: "error", failure: { type: "Verdict", message } }],
    properties: [["verdict", verdict]],
    attachments: [],
  };
}

function caseEntry(one: CaseReport, failOnFlaky: boolean): Entry {
  const { suite, name, seconds, startedAt, reason, attachments, output } = one;
  const flaky = failOnFlaky ? "failed" : "passed";
  return {
    suite: `vmesh.${suite}`,
    name,
    seconds,
    startedAt,
    outcome: one.outcome === "flaky" ? flaky : one.outcome,
    reason,
    faults: faultsOf(one, failOnFlaky),
    properties: caseProperties(one),
    attachments,
    output,
  };
}

/**
 * A second entry of one name gets a number: to GitLab it would not be there, and to Spyglass a pass and a failure of one
 * name are a flaky test.
 */
function distinct(entries: readonly Entry[]): Entry[] {
  const taken = new Set<string>();
  return entries.map((entry) => {
    const [suite, base] = [xmlLine(entry.suite), xmlLine(entry.name)];
    const identity = (name: string) => JSON.stringify([suite, name]);
    let name = base;
    for (let number = 2; taken.has(identity(name)); number += 1) name = `${base} (${number})`;
    taken.add(identity(name));
    return { ...entry, suite, name };
  });
}
