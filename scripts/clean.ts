import type { ClusterProvider } from "../clusters/provider.ts";
import { providers } from "../clusters/providers.ts";
import { loadEnvironment } from "../lib/environment.ts";
import { describeError, exitCodes } from "../lib/errors.ts";
import { createLog } from "../lib/log.ts";
import { cacheFolder, environmentFile, knownClusters, removeState, stateFolder } from "./cluster-state.ts";
import { removeLeftovers } from "./leftovers.ts";
import { deadRuns } from "./run-state.ts";

/**
 * `clean`: removes what interrupted runs left. A cluster that a live process works on, or that `up` keeps, stays; only
 * where there is none can leftovers without a folder be told from it, and then they go, too. Returns the exit code.
 */
export async function clean(_flags: object): Promise<number> {
  const log = createLog();
  const loaded: ClusterProvider[] = await Promise.all(Object.values(providers).map((load) => load()));
  const known = await knownClusters();
  const staying = known.filter((cluster) => cluster.state !== "left over");
  const removed: string[] = [];
  const sweep = async (only?: string) => {
    for (const provider of loaded)
      removed.push(...(await provider.clean({ cacheDir: cacheFolder(), log, only })).map((what) => `removed ${what}`));
  };
  let stuck = 0;
  for (const { clusterId } of known.filter((cluster) => cluster.state === "left over")) {
    try {
      if (await isBorrowed(clusterId, loaded)) removed.push(...(await leftOnCluster(clusterId)));
      await sweep(clusterId);
      await removeState(stateFolder(clusterId));
      removed.push(`removed the folder of cluster ${clusterId}`);
    } catch (error) {
      // One that does not answer is no reason to leave what others left.
      log.warn(`cluster ${clusterId} keeps what is left of it: ${describeError(error)}`);
      stuck += 1;
    }
  }
  for (const { clusterId } of known.filter((cluster) => cluster.state === "kept")) {
    removed.push(...(await leftOnCluster(clusterId)));
  }
  if (staying.length === 0) await sweep();
  for (const what of removed) log.info(what);
  for (const { clusterId, state } of staying) log.info(`cluster ${clusterId} stays: it is ${state}`);
  log.info(removed.length === 0 ? "nothing was left over" : `${removed.length} leftovers removed`);
  return stuck === 0 ? exitCodes.conformant : exitCodes.environment;
}

/** Whether a cluster that no process works on is there all the same: it got as far as checks, which may have left something. */
async function isBorrowed(clusterId: string, all: readonly ClusterProvider[]): Promise<boolean> {
  const environment = await loadEnvironment(environmentFile(stateFolder(clusterId))).catch(() => undefined);
  return all.some(({ name, borrowed }) => borrowed === true && name === environment?.provider);
}

/** What runs that died left on a cluster that stays. */
async function leftOnCluster(clusterId: string): Promise<string[]> {
  const stateDir = stateFolder(clusterId);
  const dead = await deadRuns(stateDir);
  if (dead.length === 0) return [];
  const { kubeconfig } = await loadEnvironment(environmentFile(stateDir));
  const { connect } = await import("../lib/kube.ts");
  const kube = connect(kubeconfig);
  const done: string[] = [];
  for (const run of dead) done.push(...(await removeLeftovers(kube, run)), `removed the folder of run ${run.runId}`);
  return done.map((what) => `${what} on cluster ${clusterId}`);
}
