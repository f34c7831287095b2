import type { CaseOutcome, StageReport } from "../model.ts";
import { html, type Html } from "./markup.ts";

/** Ends of checks, gravest first: the order in which the page tells them. */
export const outcomes = ["failed", "error", "flaky", "passed", "skipped"] as const satisfies CaseOutcome[];

/** What each end means. */
export const meanings: Readonly<Record<CaseOutcome, string>> = {
  failed: "the product did something else than the check expects",
  error: "the harness or the machine kept the check from judging",
  flaky: "it passed, but not at the first try",
  passed: "it did what the check expects",
  skipped: "it did not run",
};

/** The word for an end, with a shape and a colour of its own. */
export function badge(outcome: CaseOutcome): Html {
  return html`<b class="badge ${outcome}">${outcome}</b>`;
}

/** A stage ends as checks do, but for an interrupt. */
export function outcomeOfStage({ outcome }: Pick<StageReport, "outcome">): CaseOutcome {
  return outcome === "passed" ? "passed" : "error";
}
