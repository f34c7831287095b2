import type { CaseReport } from "../reports/model.ts";
import type { Mutation } from "./mutations/mutation.ts";

/** What a check did in a pass; only `killed` and `untouched` are as predicted. */
export type Fate = "killed" | "untouched" | "skipped" | "SURVIVED" | "OTHER REASON" | "UNDECLARED";

export interface Verdict {
  check: string;
  fate: Fate;
  /** The mutation of the pass that declares the check. */
  mutation?: string;
  /** What a user of the red check reads. */
  message?: string;
}

/** All checks under the mutations of one pass, no two of which declare the same check. */
export interface PassResult {
  mutations: readonly Pick<Mutation, "name" | "sentence">[];
  seconds: number;
  verdicts: readonly Verdict[];
}

type Ended = Pick<CaseReport, "id" | "outcome" | "failure">;

/** Compares what became of every check with what the mutations of the pass predict. */
export function judge(pass: readonly Pick<Mutation, "name" | "kills">[], cases: readonly Ended[]): Verdict[] {
  return cases.map(({ id: check, outcome, failure }) => {
    const mutation = pass.find(({ kills }) => check in kills);
    const predicted = mutation?.kills[check];
    const verdict = { check, ...(mutation && { mutation: mutation.name }) };
    if (outcome === "skipped") return { ...verdict, fate: "skipped" };
    if (outcome === "passed") return { ...verdict, fate: predicted ? "SURVIVED" : "untouched" };
    const message = failure?.message ?? "without a message";
    if (!predicted) return { ...verdict, fate: "UNDECLARED", message };
    // Messages may be of several lines; what a pattern spans is one thing to its reader.
    const fate = predicted.test(message.replaceAll("\n", " ")) ? "killed" : "OTHER REASON";
    return { ...verdict, fate, message };
  });
}

/** What is not as it must be, a sentence each; `demanded` are the checks that have to be killed by something. */
export function faultsOf(results: readonly PassResult[], demanded: readonly string[]): string[] {
  const verdicts = results.flatMap(({ mutations, verdicts }) =>
    verdicts.map((verdict) => ({ pass: mutations.map(({ name }) => `\`${name}\``).join(", "), ...verdict })),
  );
  const faults = verdicts.flatMap(({ pass, check, fate, mutation, message }) => {
    if (fate === "SURVIVED") return [`${check} is green under \`${mutation}\`, which should kill it.`];
    if (fate === "UNDECLARED") return [`${check} is red, though none of ${pass} declares it: ${message}`];
    if (fate === "OTHER REASON")
      return [`${check} is red under \`${mutation}\` for another reason than predicted: ${message}`];
    return [];
  });
  const killed = new Set(verdicts.filter(({ fate }) => fate === "killed").map(({ check }) => check));
  const alive = demanded.filter((check) => !killed.has(check));
  return [...faults, ...alive.map((check) => `${check} is killed by no mutation.`)];
}

/** What the passes come to: every fault, and every check that never ran, of which nothing is shown. */
export function closing(results: readonly PassResult[], faults: readonly string[]): string {
  const verdicts = results.flatMap((result) => result.verdicts);
  const ran = new Set(verdicts.filter(({ fate }) => fate !== "skipped").map(({ check }) => check));
  const skipped = [...new Set(verdicts.map(({ check }) => check))].filter((check) => !ran.has(check));
  const subject = skipped.length === 0 ? "Every check" : "Every check that ran";
  const lines = faults.length === 0 ? [`${subject} is killed, for the reason predicted.`] : [...faults];
  if (skipped.length > 0) lines.push(`Not shown of what was skipped in every pass: ${skipped.join(", ")}.`);
  return lines.join("\n");
}

/** A line for each check that a mutation declares or that is red, pass by pass; how many more were green below. */
export function table(results: readonly PassResult[]): string {
  const told = ({ fate }: Verdict) => fate !== "untouched" && fate !== "skipped";
  const width = Math.max(...results.flatMap(({ verdicts }) => verdicts.map(({ check }) => check.length)), 0);
  return results
    .map(({ mutations, seconds, verdicts }, index) => {
      const lines = verdicts
        .filter(told)
        .map(({ fate, check, mutation }) => `  ${fate.padEnd(12)}  ${check.padEnd(width)}  ${mutation ?? "-"}`);
      const count = (fate: Fate) => verdicts.filter((verdict) => verdict.fate === fate).length;
      const rest = `  ${count("untouched")} untouched, ${count("skipped")} skipped`;
      const title = `pass ${index + 1} of ${results.length}, ${mutations.length} mutations, ${seconds.toFixed(0)} s`;
      const legend = mutations.map(({ name, sentence }) => `  ${name}: ${sentence}`);
      return [title, ...legend, ...lines, rest].join("\n");
    })
    .join("\n\n");
}
