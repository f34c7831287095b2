import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { loadEnvironment } from "../lib/environment.ts";
import { describeError, exitCodeOf, exitCodes, usageError } from "../lib/errors.ts";
import { connect, type Kube } from "../lib/kube.ts";
import { createLog } from "../lib/log.ts";
import { timeouts } from "../lib/timeouts.ts";
import { eventually } from "../lib/wait.ts";
import type { RunReport } from "../reports/model.ts";
import { writeWhole } from "../reports/write.ts";
import type { Fault, FaultScene } from "./fault-injection/fault.ts";
import { groundFaults } from "./fault-injection/ground.ts";
import { meshFaults } from "./fault-injection/mesh.ts";
import { processFaults } from "./fault-injection/processes.ts";
import { withInterrupts } from "./interrupts.ts";
import { demandKnown } from "./select.ts";
import { callProgram, latestReport, openFolder, startProgram, withCluster } from "./vmesh-process.ts";

// Called by scripts/faults: each fault in a run of its own on one cluster, those that ruin it at the end.

/** Checks that need every part of the mesh beside KubeVirt, and that bring none of them back. */
const suites = ["--suite", "vm-to-mesh", "--suite", "mesh-to-vm", "--suite", "vm-dns"];
/** A run of these takes half a minute; with a part missing each check waits for it once or twice. */
const limitSeconds = 600;

const all = [...processFaults, ...groundFaults, ...meshFaults];
const faults = [...all.filter(({ ruins }) => !ruins), ...all.filter(({ ruins }) => ruins).toReversed()];
const usage = `Usage: scripts/faults [NAME…] [--cluster current|FILE] [--out FOLDER]
Without --cluster the one that is up is used, or one is started and removed.
${faults.map(({ name, sentence }) => `  ${name.padEnd(30)}${sentence}`).join("\n")}
`;
const log = createLog();
process.exit(await main());

async function main(): Promise<number> {
  try {
    const { values, positionals } = readArguments();
    if (values.help) {
      process.stdout.write(usage);
      return exitCodes.conformant;
    }
    const names = faults.map(({ name }) => name);
    demandKnown("fault", positionals, names);
    const chosen = faults.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
    return await withInterrupts(log, (signal) => tryAll(chosen, values, signal));
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    return exitCodeOf(error);
  }
}

/** What became of one fault. */
interface Trial {
  fault: string;
  /** Exit code or signal. */
  end: number | NodeJS.Signals;
  seconds: number;
  /** Whether `report.json` and `junit.xml` are there and whole, and the verdict in them. */
  report: string;
  /** Left by the run, and after `scripts/vmesh clean`. */
  leftovers: string;
  problems: string[];
}

async function tryAll(
  chosen: readonly Fault[],
  { cluster, out: where }: { cluster?: string | undefined; out: string },
  signal: AbortSignal,
): Promise<number> {
  const out = await openFolder(where);
  const outputFile = join(out, "output.log");
  log.info(`output of the runs: ${outputFile}`);
  return withCluster(cluster, { outputFile, signal }, async (file) => {
    const environment = await loadEnvironment(file);
    const kube = connect(environment.kubeconfig);
    const trials: Trial[] = [];
    for (const fault of chosen) {
      const scene = { kube, environment, stateDir: dirname(file), out: join(out, fault.name), signal };
      const trial = await tryOne(fault, scene, file);
      trials.push(trial);
      for (const problem of trial.problems) log.warn(`${fault.name}: ${problem}`);
      log.info(row(trial));
    }
    await writeWhole(join(out, "faults.json"), `${JSON.stringify(trials, null, 2)}\n`);
    process.stdout.write(`${table(trials)}\n`);
    return trials.every(({ problems }) => problems.length === 0) ? exitCodes.conformant : exitCodes.failed;
  });
}

async function tryOne(fault: Fault, scene: Omit<FaultScene, "pid">, cluster: string): Promise<Trial> {
  const { out, signal, kube, environment } = scene;
  const outputFile = `${out}.log`;
  await fault.prepare?.(scene);
  const args = ["run", "--cluster", cluster, ...(fault.select ?? suites), "--out", out];
  const { pid, ended } = startProgram("vmesh", args, { outputFile, signal });
  // Awaited below; until then its failure is nobody's.
  ended.catch(() => undefined);
  const what = `it is time for the fault \`${fault.name}\``;
  await eventually({ what, budgetMs: timeouts.check, intervalMs: 200, signal }, () =>
    fault.when ? fault.when({ ...scene, pid }) : aCheckHasPassed(out),
  );
  await fault.inject({ ...scene, pid });
  const { end, seconds } = await ended;
  await fault.repair?.(scene);

  const problems: string[] = [];
  if (end !== fault.ends) problems.push(`it ended with ${end}, expected ${fault.ends}`);
  if (seconds > limitSeconds) problems.push(`it took ${seconds.toFixed(0)} s, at most ${limitSeconds} are allowed`);
  const report = await reportIn(out).catch((error: unknown) => void problems.push(describeError(error)));
  const told = `${report ? textOf(report) : ""}\n${readFileSync(outputFile, "utf8")}`;
  if (!fault.cause.test(told)) problems.push(`neither report nor output tell the cause, \`${fault.cause}\``);
  const left = fault.ruins ? undefined : await namespacesLeft(kube, environment.clusterId);
  let leftovers = left === undefined ? "the cluster's" : String(left.length);
  if (left !== undefined && fault.cleanedLater) {
    await callProgram("vmesh", ["clean"], { outputFile, signal, accept: [exitCodes.conformant] });
    const after = await namespacesLeft(kube, environment.clusterId);
    leftovers += `, ${after.length} after clean`;
    if (after.length > 0) problems.push(`clean has left ${after.join(", ")}`);
  } else if (left !== undefined && left.length > 0) problems.push(`it has left ${left.join(", ")}`);
  await fault.restored?.(scene).catch((error: unknown) => problems.push(describeError(error)));
  return { fault: fault.name, end, seconds, report: report?.verdict ?? "none", leftovers, problems };
}

async function aCheckHasPassed(out: string): Promise<void> {
  const { cases } = await latestReport(out);
  if (!cases.some(({ outcome }) => outcome === "passed")) throw new Error("no check has passed yet");
}

/** Throws if a file of it is not there or not whole. */
async function reportIn(out: string): Promise<RunReport> {
  const junit = readFileSync(join(out, "latest", "junit.xml"), "utf8");
  if (!junit.trimEnd().endsWith(">")) throw usageError("`junit.xml` is not whole.");
  return latestReport(out);
}

function textOf({ cases, stages, interruption = "" }: RunReport): string {
  const reasons = cases.flatMap(({ failure, reason }) => [failure?.message, reason]);
  return [...reasons, ...stages.map(({ error }) => error?.message), interruption].join("\n");
}

/** Namespaces of checks that nobody is removing. */
async function namespacesLeft(kube: Kube, clusterId: string): Promise<string[]> {
  const labelSelector = `vmesh.dev/cluster=${clusterId}`;
  const found = await kube.list({ apiVersion: "v1", kind: "Namespace", labelSelector });
  return found.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.name);
}

function table(trials: readonly Trial[]): string {
  const head = "| fault | report | ended with | seconds | namespaces left | |\n| --- | --- | --- | --- | --- | --- |";
  return [head, ...trials.map(row)].join("\n");
}

function row({ fault, report, end, seconds, leftovers, problems }: Trial): string {
  const cells = [
    fault,
    report,
    end,
    seconds.toFixed(0),
    leftovers,
    problems.length === 0 ? "as expected" : problems[0],
  ];
  return `| ${cells.join(" | ")} |`;
}

function readArguments() {
  const options = {
    cluster: { type: "string" },
    out: { type: "string", default: "reports/out/faults" },
    help: { type: "boolean", default: false },
  } as const;
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (cause) {
    throw usageError(`${(cause as Error).message}\n${usage}`);
  }
}
