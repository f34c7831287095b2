import { usageError } from "../lib/errors.ts";
import { oddities } from "./alike.ts";
import { type CheckChanges, diffChecks } from "./diff-checks.ts";
import { diffFacts, type FactChange } from "./diff-facts.ts";
import { diffNumbers, type NumberChange, type Thresholds } from "./diff-numbers.ts";
import { sameFacts } from "./facts.ts";
import type { RunReport, Verdict } from "./model.ts";

/** One side of a comparison: a run, or several of the same things. */
export interface Side {
  /** The gravest of its runs. A run that has not ended is `interrupted`. */
  verdict: Verdict;
  runs: { runId: string; startedAt: string; verdict: Verdict; finished: boolean; seed: number }[];
}

/** How a later side differs from an earlier one. */
export interface Diff {
  worse: boolean;
  /** Why it is worse, words each; empty if it is not. */
  reasons: string[];
  before: Side;
  after: Side;
  thresholds: Thresholds;
  facts: FactChange[];
  checks: CheckChanges;
  numbers: NumberChange[];
}

export interface DiffOptions {
  /** Part of a number beyond the earlier spread from which it counts as slower; a default for each kind of spread. */
  threshold?: number | undefined;
  failOnSlower?: boolean | undefined;
}

/** A tenth beyond a known spread; half where one run alone says nothing about it. */
const defaults: Thresholds = { spread: 0.1, single: 0.5 };

/**
 * Compares two sides of at least one run each. It got worse if a check did, if a core check is gone, or if the verdict
 * did; slower numbers count only where that is asked for. Throws a usage error if the runs of one side are not of the
 * same things.
 */
export function diff(before: readonly RunReport[], after: readonly RunReport[], options: DiffOptions = {}): Diff {
  const { threshold, failOnSlower = false } = options;
  demandAlike("A", before);
  demandAlike("B", after);
  const thresholds = threshold === undefined ? defaults : { spread: threshold, single: threshold };
  const sides = { before: sideOf(before), after: sideOf(after) };
  const checks = diffChecks(before, after);
  const numbers = diffNumbers(before, after, thresholds);
  const goneCore = checks.gone.filter(({ profile }) => profile === "core");
  const slower = numbers.filter(({ tendency }) => tendency === "slower");
  const reasons = [
    ...countOf(checks.worse, "check got worse", "checks got worse"),
    ...countOf(goneCore, "core check is gone", "core checks are gone"),
    ...verdictReason(sides.before.verdict, sides.after.verdict),
    ...(failOnSlower ? countOf(slower, "number is slower", "numbers are slower") : []),
  ];
  return { worse: reasons.length > 0, reasons, ...sides, thresholds, facts: diffFacts(before, after), checks, numbers };
}

function demandAlike(side: string, reports: readonly RunReport[]): void {
  const runs = reports.map((report) => ({ name: `\`${report.runId}\``, report }));
  const odd = oddities(runs, sameFacts);
  if (odd.length === 0) return;
  throw usageError(`The runs of ${side} are not of the same things, so together they say nothing.`, {
    evidence: odd.join("\n"),
    hint: "compare them with each other, or leave some out",
  });
}

/** From good to bad: the less a run can say, the graver. */
const gravity: readonly Verdict[] = ["conformant", "partial", "failed", "error", "interrupted"];

function sideOf(reports: readonly RunReport[]): Side {
  const runs = reports.map(({ runId, startedAt, verdict, finished, seed }) => {
    return { runId, startedAt, verdict, finished, seed };
  });
  const verdicts = runs.map(({ verdict, finished }) => gravity.indexOf(finished ? verdict : "interrupted"));
  return { verdict: gravity[Math.max(...verdicts)] ?? "error", runs };
}

function verdictReason(before: Verdict, after: Verdict): string[] {
  if (gravity.indexOf(after) <= gravity.indexOf(before)) return [];
  return [`the verdict went from ${before} to ${after}`];
}

function countOf(list: readonly unknown[], one: string, several: string): string[] {
  if (list.length === 0) return [];
  return [`${list.length} ${list.length === 1 ? one : several}`];
}
