import type { CaseReport } from "../reports/model.ts";
import type { Mutation } from "./mutations.ts";

/** What a check did under a mutation; only `killed` and `untouched` are as predicted. */
export type Fate = "killed" | "untouched" | "skipped" | "SURVIVED" | "OTHER REASON" | "UNDECLARED";

export interface Verdict {
  check: string;
  fate: Fate;
  /** What a user of the red check reads. */
  message?: string;
}

/** All checks under one mutation. */
export interface MutationResult extends Pick<Mutation, "name" | "sentence"> {
  seconds: number;
  verdicts: readonly Verdict[];
}

type Ended = Pick<CaseReport, "id" | "outcome" | "failure">;

/** Compares what became of every check with what the mutation predicts. */
export function judge({ kills }: Pick<Mutation, "kills">, cases: readonly Ended[]): Verdict[] {
  return cases.map(({ id, outcome, failure }) => {
    const predicted = kills[id];
    if (outcome === "skipped") return { check: id, fate: "skipped" };
    if (outcome === "passed") return { check: id, fate: predicted ? "SURVIVED" : "untouched" };
    const message = failure?.message ?? "without a message";
    if (!predicted) return { check: id, fate: "UNDECLARED", message };
    // Messages may be of several lines; what a pattern spans is one thing to its reader.
    return { check: id, fate: predicted.test(message.replaceAll("\n", " ")) ? "killed" : "OTHER REASON", message };
  });
}

/** What is not as it must be, a sentence each; `demanded` are the checks that have to be killed by something. */
export function faultsOf(results: readonly MutationResult[], demanded: readonly string[]): string[] {
  const verdicts = results.flatMap(({ name, verdicts }) => verdicts.map((verdict) => ({ name, ...verdict })));
  const faults = verdicts.flatMap(({ name, check, fate, message }) => {
    if (fate === "SURVIVED") return [`${check} is green under \`${name}\`, which should kill it.`];
    if (fate === "UNDECLARED") return [`${check} is red under \`${name}\`, which does not declare it: ${message}`];
    if (fate === "OTHER REASON")
      return [`${check} is red under \`${name}\` for another reason than predicted: ${message}`];
    return [];
  });
  const killed = new Set(verdicts.filter(({ fate }) => fate === "killed").map(({ check }) => check));
  const alive = demanded.filter((check) => !killed.has(check));
  return [...faults, ...alive.map((check) => `${check} is killed by no mutation.`)];
}

/** What the matrix comes to: every fault, and every check that never ran, of which nothing is shown. */
export function closing(results: readonly MutationResult[], faults: readonly string[]): string {
  const verdicts = results.flatMap((result) => result.verdicts);
  const ran = new Set(verdicts.filter(({ fate }) => fate !== "skipped").map(({ check }) => check));
  const skipped = [...new Set(verdicts.map(({ check }) => check))].filter((check) => !ran.has(check));
  const subject = skipped.length === 0 ? "Every check" : "Every check that ran";
  const lines = faults.length === 0 ? [`${subject} is killed, for the reason predicted.`] : [...faults];
  if (skipped.length > 0) lines.push(`Not shown of what was skipped under every mutation: ${skipped.join(", ")}.`);
  return lines.join("\n");
}

/** The matrix, checks down and mutations across by number, with a legend below. */
export function matrix(results: readonly MutationResult[]): string {
  const checks = [...new Set(results.flatMap(({ verdicts }) => verdicts.map(({ check }) => check)))];
  const cell = (result: MutationResult, check: string) => {
    const fate = result.verdicts.find((verdict) => verdict.check === check)?.fate ?? "skipped";
    return fate === "untouched" ? "-" : fate;
  };
  const rows = [
    ["check", ...results.map((_, index) => `${index + 1}`)],
    ...checks.map((check) => [check, ...results.map((result) => cell(result, check))]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const table = rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const legend = results.map(
    ({ name, sentence, seconds }, index) => `${index + 1} ${name} (${seconds.toFixed(0)} s): ${sentence}`,
  );
  return [...table, "", ...legend].join("\n");
}
