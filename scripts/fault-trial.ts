import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readProc, runningProcesses } from "../clusters/lab/daemon.ts";
import { traces } from "../clusters/lab/traces.ts";
import { clusterLabel, namespacesLeft } from "../lib/check-namespaces.ts";
import { describeError, environmentError, exitCodes } from "../lib/errors.ts";
import { timeouts } from "../lib/timeouts.ts";
import { eventually } from "../lib/wait.ts";
import type { RunReport } from "../reports/model.ts";
import { cacheFolder, stateFolder } from "./cluster-state.ts";
import type { OwnFault, SharedCluster, SharedFault } from "./fault-injection/fault.ts";
import { callProgram, latestReport, startProgram } from "./vmesh-process.ts";

/** Checks that need every part of the mesh beside KubeVirt, and that bring none of them back. */
const quickSuites = ["--suite", "vm-to-mesh", "--suite", "mesh-to-vm", "--suite", "vm-dns"];
/** A run of these takes half a minute; with a part missing each check waits for it once or twice. */
const limitSeconds = 600;

/** What became of one fault. */
export interface Trial {
  fault: string;
  /** Exit code or signal. */
  end: number | NodeJS.Signals;
  seconds: number;
  /** The verdict in `report.json`, beside which there is a whole `junit.xml`; `none` without. */
  report: string;
  /** How much the run has left, and how much of it is there after `scripts/vmesh clean`. */
  leftovers: string;
  /** What was not as it must be. */
  problems: string[];
}

/** One run with one fault on the cluster that is up; counted are the namespaces it leaves. */
export async function trySharedFault(
  fault: SharedFault,
  cluster: SharedCluster,
  file: string,
  out: string,
): Promise<Trial> {
  const { signal, kube, clusterId } = cluster;
  const scene = { ...cluster, out };
  await fault.prepare?.(scene);
  const trial = start(fault, ["--cluster", file, ...(fault.select ?? quickSuites)], out, signal);
  try {
    await trial.time(() => (fault.when ? fault.when(scene) : aCheckHasPassed(out)));
    await fault.inject({ ...scene, pid: trial.pid });
    await trial.ended;
  } finally {
    // The cluster is somebody's, also after an interrupt.
    await fault.repair?.({ ...scene, signal: new AbortController().signal });
  }
  const ended = await trial.judge(() => namespacesLeft(kube, clusterLabel, clusterId));
  await fault.restored?.(scene).catch((error: unknown) => ended.problems.push(describeError(error)));
  return ended;
}

/** One run with one fault on a cluster that it starts; counted is all that it leaves on this machine. */
export async function tryOwnFault(fault: OwnFault, out: string, signal: AbortSignal): Promise<Trial> {
  const before = await traces(cacheFolder());
  const trial = start(fault, ["--suite", "authorization"], out, signal);
  const { after } = fault;
  const report = await trial.time(() => (after === undefined ? aCheckHasPassed(out) : aStageIsDone(out, after)));
  const { clusterId } = report;
  await fault.inject({ pid: trial.pid, out, clusterId, stateDir: stateFolder(clusterId), signal });
  await trial.ended;
  return trial.judge(async () => (await traces(cacheFolder())).filter((trace) => !before.includes(trace)));
}

function start(fault: SharedFault | OwnFault, args: readonly string[], out: string, signal: AbortSignal) {
  const outputFile = `${out}.log`;
  const { pid, ended } = startProgram("vmesh", ["run", ...args, "--out", out], { outputFile, signal });
  // Awaited later; until then its failure is nobody's.
  ended.catch(() => undefined);
  return {
    pid,
    ended,
    async time<T>(probe: () => Promise<T>): Promise<T> {
      const what = `it is time for the fault \`${fault.name}\``;
      const over = new AbortController();
      const either = AbortSignal.any([signal, over.signal]);
      void ended.then(({ end }) => over.abort(environmentError(`The run ended with ${end} before ${what}.`)));
      return eventually({ what, budgetMs: timeouts.goBuild, intervalMs: 200, signal: either }, probe);
    },
    async judge(look: () => Promise<string[]>): Promise<Trial> {
      const { end, seconds } = await ended;
      const problems: string[] = [];
      if (end !== fault.ends) problems.push(`it ended with ${end}, expected ${fault.ends}`);
      if (seconds > limitSeconds) problems.push(`it took ${seconds.toFixed(0)} s, expected at most ${limitSeconds}`);
      const report = await reportIn(out).catch((error: unknown) => void problems.push(describeError(error)));
      const told = `${report ? textOf(report) : ""}\n${readFileSync(outputFile, "utf8")}`;
      if (!fault.cause.test(told)) problems.push(`neither report nor output tell the cause, \`${fault.cause}\``);
      await processesGone(out).catch((error: unknown) => problems.push(describeError(error)));
      const left = await look();
      let leftovers = String(left.length);
      if (fault.cleanedLater) {
        await callProgram("vmesh", ["clean"], { outputFile, signal, accept: [exitCodes.conformant] });
        left.splice(0, left.length, ...(await look()));
        leftovers += `, ${left.length} after clean`;
      }
      if (left.length > 0) problems.push(`left over: ${left.join(", ")}`);
      return { fault: fault.name, end, seconds, report: report?.verdict ?? "none", leftovers, problems };
    },
  };
}

async function aCheckHasPassed(out: string): Promise<RunReport> {
  const report = await latestReport(out);
  if (report.cases.some(({ outcome }) => outcome === "passed")) return report;
  throw new Error("no check has passed yet");
}

async function aStageIsDone(out: string, stage: string): Promise<RunReport> {
  const report = await latestReport(out);
  if (report.stages.some(({ title, outcome }) => title === stage && outcome === "passed")) return report;
  throw new Error(`stage \`${stage}\` is not done yet`);
}

/** Throws if a file of it is not there or not whole. */
async function reportIn(out: string): Promise<RunReport> {
  const junit = readFileSync(join(out, "latest", "junit.xml"), "utf8");
  if (!/<\/testsuites?>\s*$/.test(junit)) throw environmentError("`junit.xml` is not whole.");
  const page = readFileSync(join(out, "latest", "report.html"), "utf8");
  if (!/<\/html>\s*$/.test(page)) throw environmentError("`report.html` is not whole.");
  return latestReport(out);
}

/** Waits until the processes of a run's checks have ended, told by the report folder in their environment. */
async function processesGone(out: string): Promise<void> {
  const what = "the processes of the run have ended";
  await eventually({ what, budgetMs: 4 * timeouts.commandGrace }, async () => {
    const found = await Promise.all(
      (await runningProcesses()).map(async ({ pid, argv }) => {
        const isOurs = (await readProc(`/proc/${pid}/environ`)).includes(`VMESH_OUT=${resolve(out)}`);
        return isOurs ? [`${pid} ${argv.join(" ").slice(0, 100)}`] : [];
      }),
    );
    const left = found.flat();
    if (left.length > 0) throw new Error(left.join("; "));
  });
}

function textOf({ cases, stages, interruption = "" }: RunReport): string {
  const reasons = cases.flatMap(({ failure, reason }) => [failure?.message, reason]);
  return [...reasons, ...stages.map(({ error }) => error?.message), interruption].join("\n");
}
