import type { EndedCase } from "./journal.ts";
import type { CaseOutcome, TryReport } from "./model.ts";

/** What the tries of one check come to. */
export interface Decision {
  outcome: CaseOutcome;
  /** The try whose numbers and times stand for the check. */
  deciding: EndedCase;
  /** Why it is red, or was before it passed. */
  failure: EndedCase["failure"];
  /** Every try in order, if there were several. */
  tries: TryReport[];
  /** Evidence of all tries. */
  attachments: string[];
}

/** From harmless to grave; the gravest repetition of a check stands for it. */
const gravity: readonly CaseOutcome[] = ["skipped", "passed", "flaky", "error", "failed"];

/** A repetition ends as its last try did, and as flaky if that one passed after a red one. */
export function decide(ended: readonly EndedCase[]): Decision {
  const repetitions = [...Map.groupBy(ended, ({ repetition = 1 }) => repetition).values()].map((tries) => {
    const [red] = tries.filter(({ failure }) => failure !== undefined);
    const last = tries.at(-1) ?? unreachable();
    const outcome: CaseOutcome = last.outcome === "passed" && red ? "flaky" : last.outcome;
    return { outcome, deciding: last, failure: last.failure ?? red?.failure };
  });
  const byGravity = repetitions.toSorted((a, b) => gravity.indexOf(a.outcome) - gravity.indexOf(b.outcome));
  const gravest = byGravity.at(-1) ?? unreachable();
  return {
    ...gravest,
    tries: ended.length > 1 ? ended.map(tryOf) : [],
    attachments: [...new Set(ended.flatMap(({ attachments }) => attachments))],
  };
}

function tryOf({ repetition = 1, attempt = 1, ...ended }: EndedCase): TryReport {
  const { outcome, failure, startedAt, seconds, properties, calls, milestones, attachments } = ended;
  return { repetition, attempt, outcome, failure, startedAt, seconds, properties, calls, milestones, attachments };
}

function unreachable(): never {
  throw new TypeError("A check without a try cannot be decided.");
}
