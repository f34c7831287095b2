import { firstLine } from "./first-line.ts";
import { isIncident } from "./incidents.ts";
import type { CaseOutcome, CaseReport, Profile, RunReport } from "./model.ts";

/** How a check ended on one side: the worst of its ends, and how many of them were as bad. */
export interface Ends {
  outcome: CaseOutcome;
  times: number;
  /** All its ends: one in each run, or there in each repetition. */
  of: number;
}

/** A check that ended differently. */
export interface CheckChange {
  id: string;
  title: string;
  profile: Profile;
  /** Absent if it is new. */
  before?: Ends | undefined;
  /** Absent if it is gone. */
  after?: Ends | undefined;
  /** Why it is red or skipped now. */
  reason?: string | undefined;
}

export interface CheckChanges {
  worse: CheckChange[];
  better: CheckChange[];
  /** Neither: red in another way, red before and skipped now, of another profile. */
  other: CheckChange[];
  added: CheckChange[];
  gone: CheckChange[];
  unchanged: number;
}

/**
 * Compares checks by how they ended: passed is better than flaky, flaky than skipped, and all are better than red in
 * some of the runs and that than red in all. Of an error outside of every check the absence counts as passed.
 */
export function diffChecks(before: readonly RunReport[], after: readonly RunReport[]): CheckChanges {
  const changes: CheckChanges = { worse: [], better: [], other: [], added: [], gone: [], unchanged: 0 };
  const [old, now] = [casesById(before), casesById(after)];
  for (const id of new Set([...old.keys(), ...now.keys()])) {
    const change = compared(id, old.get(id) ?? [], now.get(id) ?? []);
    const place = placeOf(id, change);
    if (place === "unchanged") changes.unchanged += 1;
    else changes[place].push(change.told);
  }
  return changes;
}

function casesById(runs: readonly RunReport[]): Map<string, CaseReport[]> {
  return Map.groupBy(
    runs.flatMap(({ cases }) => cases),
    ({ id }) => id,
  );
}

interface Compared {
  told: CheckChange;
  ranks: [number | undefined, number | undefined];
  moved: boolean;
}

function compared(id: string, old: readonly CaseReport[], now: readonly CaseReport[]): Compared {
  const [before, after] = [endsOf(old), endsOf(now)];
  const newest = now.at(-1) ?? old.at(-1);
  const worst = now.find(({ outcome }) => outcome === after?.outcome);
  const reason = worst && worst.outcome !== "passed" ? firstLine(worst.reason ?? worst.failure?.message) : undefined;
  const { title = id, profile = "core" } = newest ?? {};
  return {
    told: { id, title, profile, before, after, reason },
    ranks: [before && rankOf(before), after && rankOf(after)],
    moved: old.length > 0 && now.length > 0 && old.at(-1)?.profile !== profile,
  };
}

function placeOf(id: string, { told, ranks, moved }: Compared): keyof CheckChanges {
  const [old, now] = isIncident(id) ? ranks.map((rank) => rank ?? 0) : ranks;
  if (old === undefined) return "added";
  if (now === undefined) return "gone";
  if (now > old) return "worse";
  if (now < old) return old >= red && told.after?.outcome === "skipped" ? "other" : "better";
  const same = told.before?.outcome === told.after?.outcome && shareOf(told.before) === shareOf(told.after);
  return same && !moved ? "unchanged" : "other";
}

/** From good to bad. */
const order: readonly CaseOutcome[] = ["passed", "flaky", "skipped", "error", "failed"];
const red = order.indexOf("error");

/** Errors and failures are as bad as each other: neither shows that the product works. */
function badness(outcome: CaseOutcome): number {
  return Math.min(order.indexOf(outcome), red);
}

function rankOf({ outcome, times, of }: Ends): number {
  return badness(outcome) + (badness(outcome) === red && times === of ? 1 : 0);
}

function shareOf(ends: Ends | undefined): number {
  return ends ? ends.times / ends.of : 0;
}

function endsOf(cases: readonly CaseReport[]): Ends | undefined {
  const outcomes = cases.flatMap(endsOfRepetitions);
  const outcome = outcomes.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)).at(-1);
  if (outcome === undefined) return undefined;
  const times = outcomes.filter((one) => badness(one) === badness(outcome)).length;
  return { outcome, times, of: outcomes.length };
}

/** A repetition ends as its last try did, and as flaky if it passed after a red one. */
function endsOfRepetitions({ outcome, tries }: CaseReport): CaseOutcome[] {
  if (tries.length === 0) return [outcome];
  return [...Map.groupBy(tries, ({ repetition }) => repetition).values()].map((attempts) => {
    const last = attempts.at(-1)?.outcome ?? outcome;
    return last === "passed" && attempts.length > 1 ? "flaky" : last;
  });
}
