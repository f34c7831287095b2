import type { Call } from "../lib/calls.ts";
import { exitCodes } from "../lib/errors.ts";
import type { Milestones } from "../lib/milestones.ts";

export type { Call } from "../lib/calls.ts";
export type { Milestones } from "../lib/milestones.ts";

export type Profile = "core" | "extended";

/** How one try of a check ended: `failed` is the product's fault, `error` the harness's or the machine's. */
export type TryOutcome = "passed" | "failed" | "error" | "skipped";

/** How a case ended: `flaky` passed, but not at the first try. */
export type CaseOutcome = TryOutcome | "flaky";

/** What is known of a check before it runs. */
export interface PlannedCase {
  /** `area/name`, unique in a run and stable between runs. */
  id: string;
  /** The one sentence the check proves. */
  title: string;
  profile: Profile;
  tags: readonly string[];
  /** The seed document it comes from. */
  source?: string | undefined;
  /** Capabilities without which it is skipped. */
  needs: readonly string[];
  serial: boolean;
}

/** Why a case or a stage is red. */
export interface Failure {
  /** Class of the error, `AssertionError` say. */
  type: string;
  message: string;
  stack?: string | undefined;
  expected?: string | undefined;
  actual?: string | undefined;
}

/** One try of a check. A check is tried again after a red try where `--retry` allows it, and in each repetition. */
export interface TryReport {
  /** From 1. */
  repetition: number;
  /** Within the repetition, from 1. */
  attempt: number;
  outcome: TryOutcome;
  failure?: Failure | undefined;
  startedAt?: string | undefined;
  seconds: number;
  /** What was measured and seen, as in the case; absent where a process ended before it could tell. */
  properties?: CaseReport["properties"] | undefined;
  calls?: readonly Call[] | undefined;
  milestones?: readonly Milestones[] | undefined;
  attachments: readonly string[];
}

/** One check as it ended: of several tries the one that decides, the last of the worst repetition. */
export interface CaseReport extends PlannedCase {
  suite: string;
  name: string;
  outcome: CaseOutcome;
  /** Every try, in order; empty where there was one alone. */
  tries: readonly TryReport[];
  /** Why it was skipped. */
  reason?: string | undefined;
  failure?: Failure | undefined;
  /** ISO 8601; absent if it never started. */
  startedAt?: string | undefined;
  seconds: number;
  /** Measured numbers and labels, `latency_p50_ms` say. */
  properties: Readonly<Record<string, string | number>>;
  /** Who called whom, and what came of it. */
  calls: readonly Call[];
  /** What its workloads took to become ready. */
  milestones: readonly Milestones[];
  /** Evidence files, relative to the report folder. */
  attachments: readonly string[];
  /** What the check printed. */
  output?: string | undefined;
}

/** A step of the run around the checks: doctor, cluster, a component, suites. */
export interface StageReport {
  title: string;
  phase: "setup" | "teardown";
  startedAt: string;
  seconds: number;
  outcome: "passed" | "failed" | "interrupted";
  error?: Failure | undefined;
  /** Evidence files, relative to the report folder. */
  attachments?: readonly string[] | undefined;
}

/** The stage as a reader knows it. */
export function stageName({ title, phase }: Pick<StageReport, "title" | "phase">): string {
  return phase === "setup" ? title : `${title} (teardown)`;
}

/** What is known of a run when it starts. */
export interface RunFacts {
  runId: string;
  /** Version of vmesh itself. */
  vmesh: string;
  /** The commit of its code, with `-dirty` if files of it were changed; absent where it is no checkout of git. */
  commit?: string | undefined;
  clusterId: string;
  provider: string;
  nodes: number;
  /** Facts about the machine that bear on speed; never its name. */
  host: Readonly<Record<string, string | number>>;
  /** Seed of the order in which checks run. */
  seed: number;
  /** The selection as the user gave it; of a shard also `shard`, as `["2/3"]`. */
  selection: Readonly<Record<string, readonly string[]>>;
  /** How many checks there are of each profile, selected or not; reports of older versions do not tell. */
  catalog?: Readonly<Record<Profile, number>> | undefined;
  /** The command that repeats this run. */
  reproduce: string;
  requireAll: boolean;
  /** A flaky check makes the run red. */
  failOnFlaky: boolean;
}

export type Verdict = "conformant" | "partial" | "failed" | "error" | "interrupted";

/** A run as every writer gets it. */
export interface RunReport extends RunFacts {
  startedAt: string;
  seconds: number;
  versions: Readonly<Record<string, string>>;
  /** For each capability `true`, or why the cluster does not have it. */
  capabilities: Readonly<Record<string, true | string>>;
  stages: readonly StageReport[];
  cases: readonly CaseReport[];
  /** What ended the run early, if something did. */
  interruption?: string | undefined;
  /** It came to its end; false while it goes on, and for good if its process was killed. */
  finished: boolean;
  verdict: Verdict;
  exitCode: number;
}

/**
 * The one word for a run. An interrupt and a broken stage come first, because then the checks say little;
 * a skipped core check makes it partial, and a run in which no check ran proves nothing and is an error.
 */
export function verdictOf(run: Pick<RunReport, "stages" | "cases" | "interruption" | "failOnFlaky">): Verdict {
  const { stages, cases, failOnFlaky } = run;
  const has = (outcome: CaseOutcome) => cases.some((one) => one.outcome === outcome);
  if (run.interruption !== undefined || stages.some((stage) => stage.outcome === "interrupted")) return "interrupted";
  if (stages.some((stage) => stage.outcome === "failed" && stage.phase === "setup")) return "error";
  if (has("failed") || (failOnFlaky && has("flaky"))) return "failed";
  if (has("error") || stages.some((stage) => stage.outcome === "failed")) return "error";
  if (!has("passed") && !has("flaky")) return "error";
  return cases.some((one) => one.outcome === "skipped" && one.profile === "core") ? "partial" : "conformant";
}

/** The process exit code of a verdict; `partial` is success unless every check was required. */
export function exitCodeFor(verdict: Verdict, requireAll: boolean): number {
  const codes = {
    conformant: exitCodes.conformant,
    partial: requireAll ? exitCodes.partial : exitCodes.conformant,
    failed: exitCodes.failed,
    error: exitCodes.environment,
    interrupted: exitCodes.interrupted,
  } satisfies Record<Verdict, number>;
  return codes[verdict];
}

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Checks by end. A flaky one has passed unless none may be flaky; an error counts as failed, and so does every stage that
 * did not pass.
 */
export function countsOf(run: Pick<RunReport, "stages" | "cases" | "failOnFlaky">): Counts {
  const count = (...outcomes: CaseOutcome[]) => run.cases.filter((one) => outcomes.includes(one.outcome)).length;
  const brokenStages = run.stages.filter((stage) => stage.outcome === "failed").length;
  return {
    passed: count("passed") + (run.failOnFlaky ? 0 : count("flaky")),
    failed: count("failed", "error") + (run.failOnFlaky ? count("flaky") : 0) + brokenStages,
    skipped: count("skipped"),
  };
}
