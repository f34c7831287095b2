import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadEnvironment } from "../lib/environment.ts";
import { describeError, exitCodeOf, exitCodes } from "../lib/errors.ts";
import { connect, type Kube } from "../lib/kube.ts";
import { createLog } from "../lib/log.ts";
import { timeouts } from "../lib/timeouts.ts";
import { eventually } from "../lib/wait.ts";
import { type Fault, type FaultScene, faults } from "./fault-table.ts";
import { withInterrupts } from "./interrupts.ts";
import { callProgram, latestReport, openFolder, withCluster } from "./vmesh-process.ts";

// Called by scripts/faults: each fault of the table in a run of its own on one cluster.

/** Checks that need each of the parts, and that bring none of them back. */
const SUITES = ["vm-to-mesh", "mesh-to-vm", "vm-dns"];
/** A run of these takes half a minute; with a part missing each check waits for it once or twice. */
const LIMIT_SECONDS = 420;

const log = createLog();
process.exit(await main());

async function main(): Promise<number> {
  try {
    const { values } = parseArgs({
      options: { cluster: { type: "string" }, out: { type: "string", default: "reports/out/faults" } },
    });
    return await withInterrupts(log, (signal) => tryAll(values.cluster, values.out, signal));
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    return exitCodeOf(error);
  }
}

async function tryAll(cluster: string | undefined, where: string, signal: AbortSignal): Promise<number> {
  const out = await openFolder(where);
  const outputFile = join(out, "output.log");
  log.info(`output of the runs: ${outputFile}`);
  return withCluster(cluster, { outputFile, signal }, async (file) => {
    const environment = await loadEnvironment(file);
    const scene = { kube: connect(environment.kubeconfig), environment, signal };
    const wrong: string[] = [];
    for (const fault of faults) {
      const problems = await tryOne(fault, scene, file, { out: join(out, fault.name), outputFile });
      wrong.push(...problems.map((problem) => `${fault.name}: ${problem}`));
    }
    for (const line of wrong) log.warn(line);
    return wrong.length === 0 ? exitCodes.conformant : exitCodes.failed;
  });
}

/** One run with one fault. Returns what was not as it must be. */
async function tryOne(
  fault: Fault,
  scene: FaultScene,
  cluster: string,
  { out, outputFile }: { out: string; outputFile: string },
): Promise<string[]> {
  const { signal } = scene;
  const selection = SUITES.flatMap((suite) => ["--suite", suite]);
  const accept = Object.values(exitCodes);
  const running = callProgram("vmesh", ["run", "--cluster", cluster, ...selection, "--out", out], {
    outputFile,
    accept,
    signal,
  });
  // Awaited below; until then its failure is nobody's.
  running.catch(() => undefined);
  const what = "the first check of the run has ended";
  await eventually({ what, budgetMs: timeouts.check, signal }, async () => {
    const { cases } = await latestReport(out);
    if (!cases.some(({ outcome }) => outcome === "passed")) throw new Error("none has");
  });
  await fault.inject(scene);
  const seconds = await running;

  const { cases, exitCode, verdict } = await latestReport(out);
  const red = cases.filter(({ outcome }) => outcome === "failed" || outcome === "error");
  const left = await namespacesLeft(scene.kube, scene.environment.clusterId);
  await fault.repair?.(scene);
  log.info(
    `${fault.name}: ${verdict}, exit code ${exitCode} after ${seconds.toFixed(0)} s, ` +
      `${red.length} of ${cases.length} checks red, ${left.length} namespaces left`,
  );
  const messages = red.map(({ id, failure }) => `${id}: ${failure?.message ?? "no message"}`);
  return [
    ...(red.length === 0 ? ["no check is red"] : []),
    ...(messages.some((message) => fault.cause.test(message)) ? [] : [`no message tells the cause: ${messages[0]}`]),
    ...(seconds < LIMIT_SECONDS ? [] : [`the run took ${seconds.toFixed(0)} s, at most ${LIMIT_SECONDS} are allowed`]),
    ...(left.length === 0 ? [] : [`these namespaces are left: ${left.join(", ")}`]),
  ];
}

/** Namespaces of checks that nobody is removing. */
async function namespacesLeft(kube: Kube, clusterId: string): Promise<string[]> {
  const labelSelector = `vmesh.dev/cluster=${clusterId}`;
  const found = await kube.list({ apiVersion: "v1", kind: "Namespace", labelSelector });
  return found.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.name);
}
