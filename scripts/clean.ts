import type { ClusterProvider } from "../clusters/provider.ts";
import { providers } from "../clusters/providers.ts";
import { exitCodes } from "../lib/errors.ts";
import { createLog } from "../lib/log.ts";
import { cacheFolder, knownClusters, removeState, stateFolder } from "./cluster-state.ts";

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
    for (const provider of loaded) removed.push(...(await provider.clean({ cacheDir: cacheFolder(), log, only })));
  };
  for (const { clusterId } of known.filter((cluster) => cluster.state === "left over")) {
    await sweep(clusterId);
    await removeState(stateFolder(clusterId));
    removed.push(`folder of cluster ${clusterId}`);
  }
  if (staying.length === 0) await sweep();
  for (const what of removed) log.info(`removed ${what}`);
  for (const { clusterId, state } of staying) log.info(`cluster ${clusterId} stays: it is ${state}`);
  log.info(removed.length === 0 ? "nothing was left over" : `${removed.length} leftovers removed`);
  return exitCodes.conformant;
}
