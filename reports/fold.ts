import type { EndedCase, JournalEvent } from "./journal.ts";
import { type CaseReport, exitCodeFor, type PlannedCase, type RunFacts, type RunReport, verdictOf } from "./model.ts";
import { decide } from "./tries.ts";

/**
 * The report of a run from what its journal holds so far, so that a run has one whatever ends it. A check that
 * started and never ended is an error; one that never started is skipped, with what stood in its way.
 */
export function reportFrom(events: readonly JournalEvent[]): RunReport {
  const first = events[0];
  if (first?.event !== "run") throw new Error("A journal begins with the `run` event.");
  const versions: Record<string, string> = {};
  const capabilities: Record<string, true | string> = {};
  const stages: RunReport["stages"][number][] = [];
  const ledger = newLedger();
  let interruption: string | undefined;
  for (const event of events) {
    if (event.event === "versions") Object.assign(versions, event.versions);
    if (event.event === "capabilities") Object.assign(capabilities, event.capabilities);
    if (event.event === "stage") stages.push(event.stage);
    if (event.event === "interrupted") interruption ??= event.reason;
    note(ledger, event);
  }
  const ended = events.at(-1)?.event === "end";
  // What a reader finds whose run was killed; one that is under way says so, too.
  if (!ended) interruption ??= unfinished;
  const cases = casesOf(ledger, obstacleOf(stages, interruption, ended));
  const { failOnFlaky } = first.facts;
  const verdict = verdictOf({ stages, cases, interruption, failOnFlaky });
  return {
    ...facts(first.facts),
    startedAt: first.at,
    seconds: secondsBetween(first.at, events.at(-1)?.at ?? first.at),
    versions,
    capabilities,
    stages,
    cases,
    interruption,
    finished: ended,
    verdict,
    exitCode: exitCodeFor(verdict, first.facts.requireAll),
  };
}

/** Which of the tries of a check an event is about. */
interface Try {
  id: string;
  repetition?: number;
  attempt?: number;
}

interface Ledger {
  planned: Map<string, PlannedCase>;
  /** By id and then by try, in the order in which they began; a red end stays. */
  tries: Map<string, Map<string, EndedCase>>;
}

function newLedger(): Ledger {
  return { planned: new Map(), tries: new Map() };
}

function note(ledger: Ledger, event: JournalEvent): void {
  if (event.event === "planned") for (const one of event.cases) ledger.planned.set(one.id, one);
  if (event.event === "started") enter(ledger, event, cutOff(event));
  if (event.event === "ended") enter(ledger, event.result, event.result);
}

function enter({ tries }: Ledger, { id, repetition = 1, attempt = 1 }: Try, result: EndedCase): void {
  const ofCheck = tries.get(id) ?? new Map<string, EndedCase>();
  tries.set(id, ofCheck);
  const key = `${repetition}/${attempt}`;
  const before = ofCheck.get(key);
  if (before?.failure === undefined || isCutOff(before)) ofCheck.set(key, result);
}

/** Planned checks in planned order, then whatever else reported: a second test of a file, an unhandled error. */
function casesOf({ planned, tries }: Ledger, obstacle: string | undefined): CaseReport[] {
  const told = new Set(tries.keys());
  const replaced = new Set([...told].filter((id) => id.includes("#")).map(baseOf));
  const expected = [...planned.keys()].filter((id) => told.has(id) || !replaced.has(id));
  return [...new Set([...expected, ...told])].map((id) => {
    const plan = planned.get(id) ?? planned.get(baseOf(id));
    const ended = [...(tries.get(id)?.values() ?? [neverStarted(id, obstacle)])];
    const { deciding, ...decision } = decide(ended);
    const { repetition: _, attempt: __, ...result } = deciding;
    const [suite = "", ...rest] = id.split("/");
    return {
      profile: "core",
      tags: [],
      source: undefined,
      needs: [],
      serial: false,
      ...plan,
      calls: [],
      milestones: [],
      ...result,
      ...decision,
      title: result.title || plan?.title || id,
      suite,
      name: rest.join("/"),
    };
  });
}

function baseOf(id: string): string {
  return id.split("#")[0] ?? id;
}

const cutOffWords = "the worker ended before the check did";

/** What a check is that has begun, for as long as it has no end. */
function cutOff({ at, title, ...which }: { at: string; title: string } & Try): EndedCase {
  const { id, repetition = 1, attempt = 1 } = which;
  const failure = { type: "WorkerError", message: cutOffWords };
  const nothing = { seconds: 0, properties: {}, attachments: [] };
  return { id, repetition, attempt, title, outcome: "error", failure, startedAt: at, ...nothing };
}

function isCutOff({ failure }: EndedCase): boolean {
  return failure?.message === cutOffWords;
}

/** Without an obstacle nothing explains the gap, and a check that silently did not run must not look harmless. */
function neverStarted(id: string, obstacle: string | undefined): EndedCase {
  const result = { id, title: "", seconds: 0, properties: {}, attachments: [] };
  if (obstacle !== undefined) return { ...result, outcome: "skipped", reason: obstacle };
  return {
    ...result,
    outcome: "error",
    failure: { type: "WorkerError", message: "the suites ended without running it" },
  };
}

const unfinished = "the run has not come to its end";

/** What kept the checks that have not started from starting. */
function obstacleOf(stages: RunReport["stages"], interruption: string | undefined, ended: boolean): string | undefined {
  if (interruption !== undefined && interruption !== unfinished) return `not started: ${interruption}`;
  const broken = stages.find((stage) => stage.outcome !== "passed" && stage.phase === "setup");
  if (broken) return `not started: stage \`${broken.title}\` ${broken.outcome}`;
  return ended ? undefined : "not started: the run has not come to it";
}

/** Only the facts, should the journal of another version hold more. */
function facts(all: RunFacts): RunFacts {
  const { runId, vmesh, commit, clusterId, provider, nodes, host, seed, selection, catalog, reproduce, ...demands } =
    all;
  const { requireAll, failOnFlaky } = demands;
  return {
    runId,
    vmesh,
    commit,
    clusterId,
    provider,
    nodes,
    host,
    seed,
    selection,
    catalog,
    reproduce,
    requireAll,
    failOnFlaky,
  };
}

function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}
