import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { CheckEntry } from "../lib/check.ts";
import type { Stage } from "../lib/pipeline.ts";
import { type JournalEvent, readJournal } from "../reports/journal.ts";
import { apiWatch } from "./api-watch.ts";
import type { Lab } from "./bring-up.ts";
import { environmentFile } from "./cluster-state.ts";
import { pausedFolder, tellPaused } from "./paused.ts";
import type { ReportFolder } from "./report-folder.ts";
import { redIn, type Round, roundsOf } from "./rounds.ts";
import type { RunState } from "./run-state.ts";
import { runSuites } from "./suites-process.ts";

/** What the suites of a run are made of. */
export interface SuitesPlan {
  lab: Lab;
  /** Environment file of a cluster that is there. */
  existing?: string | undefined;
  checks: readonly CheckEntry[];
  suites: { config: string; project: string };
  seed: number;
}

/** The run that checks belong to. */
export interface RunPlace {
  folder: ReportFolder;
  state: RunState;
}

/** Who hears of the checks. */
export interface SuitesListener {
  /** What a check of this round did, and how many of the round's have ended, this one included. */
  onEvent(event: JournalEvent, progress: { round: Round; ended: number; checks: number }): void;
}

/** Runs the checks round after round: each repetition, and in it each further try of the red ones. */
export function suitesStage(plan: SuitesPlan, place: RunPlace, { onEvent }: SuitesListener): Stage<Lab> {
  const { lab, checks, seed } = plan;
  const { folder } = place;
  return {
    title: "suites",
    async setup(_, signal) {
      const stop = (reason: string) => {
        lab.log.warn(`${reason}: no further check begins`);
        writeFileSync(stopFile(folder), reason);
      };
      const look = apiWatch(() => answers(lab), stop);
      const red = (round: Round) => redIn(readJournal(folder.journal), round);
      for (const round of roundsOf(lab.config)) {
        const again = round.attempt > 1 ? red({ ...round, attempt: round.attempt - 1 }) : undefined;
        const chosen = again ? checks.filter(({ id }) => again.includes(id)) : checks;
        if (chosen.length === 0) continue;
        let ended = 0;
        const hear = (event: JournalEvent) => {
          if (event.event === "ended") ended += 1;
          if (event.event === "ended" && event.result.outcome === "error") void look();
          onEvent(event, { round, ended, checks: chosen.length });
        };
        await runLanes({ ...plan, checks: chosen, seed: seed + round.repetition - 1 }, place, round, hear, signal);
        const last = round.attempt > lab.config.retry;
        if (last && red(round).length > 0 && (lab.config.untilFailure || lab.config.failFast)) return;
      }
    },
  };
}

function stopFile({ path }: ReportFolder): string {
  return join(path, "stop");
}

async function answers({ environment }: Lab): Promise<void> {
  if (!environment) throw new TypeError("Checks come after a cluster.");
  const { connect } = await import("../lib/kube.ts");
  await connect(environment.kubeconfig).raw("/readyz");
}

async function runLanes(
  { lab, existing, checks, suites, seed }: SuitesPlan,
  { folder, state }: RunPlace,
  round: Round,
  onEvent: (event: JournalEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const { keep, shuffle, failFast, pauseOnFailure, workers = Math.min(4, availableParallelism()) } = lab.config;
  const lanes = Object.groupBy(checks, laneOf);
  const paused = pausedFolder(folder.path);
  if (pauseOnFailure) mkdirSync(paused, { recursive: true });
  const run = async (lane: Lane, atATime: number) => {
    const files = (lanes[lane] ?? []).map((check) => check.file);
    if (files.length === 0) return;
    const env = {
      VMESH_ENVIRONMENT: existing ?? environmentFile(lab.stateDir),
      VMESH_JOURNAL: folder.journal,
      VMESH_OUT: folder.path,
      VMESH_RUN: state.runId,
      VMESH_RUN_STATE: state.path,
      VMESH_KEEP: keep ? "1" : "",
      VMESH_WORKERS: String(atATime),
      VMESH_REPETITION: String(round.repetition),
      VMESH_ATTEMPT: String(round.attempt),
      VMESH_STOP: stopFile(folder),
      VMESH_FAIL_FAST: failFast ? "1" : "",
      VMESH_PAUSE: pauseOnFailure ? paused : "",
    };
    const outputFile = join(folder.path, "suites.log");
    const isRed = () => redIn(readJournal(folder.journal), round).length > 0;
    await runSuites({ ...suites, files, seed, shuffle }, { env, outputFile, signal, isRed, onEvent });
  };
  const told = pauseOnFailure ? tellPaused(lab.log, paused) : undefined;
  try {
    for (const together of laneOrder(workers)) {
      const ends = await Promise.allSettled(together.map((lane) => run(lane, lane === "parallel" ? workers : 1)));
      for (const end of ends) if (end.status === "rejected") throw end.reason;
    }
  } finally {
    told?.();
    rmSync(paused, { recursive: true, force: true });
  }
}

type Lane = "parallel" | "external-vm" | "serial";

/**
 * First the checks that run at a time, and beside them, one by one, those that need the one external VM: they wait more
 * than they compute. Who asks for one check at a time gets these afterwards. Then those that change the whole mesh, one
 * by one.
 */
export function laneOrder(workers: number): Lane[][] {
  if (workers === 1) return [["parallel"], ["external-vm"], ["serial"]];
  return [["parallel", "external-vm"], ["serial"]];
}

function laneOf({ serial, needs }: CheckEntry): Lane {
  if (serial) return "serial";
  return needs.includes("external-vm") ? "external-vm" : "parallel";
}
