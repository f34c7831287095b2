import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { environmentError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { cacheId } from "../lab/labels.ts";
import { clusterDown } from "./cluster-down.ts";
import { answers, containerCli, dockerSocket } from "./container-cli.ts";
import { cacheLabel, labelOf, removeContainer, workersOf } from "./containers.ts";
import { loadState } from "./state.ts";

/**
 * Removes what one cluster of ours has in its engine; or, without `only`, programs of kubevirtci's that still run for a
 * cluster of this cache that no folder stands for. Nodes without a folder are not touched: nothing about them says whose
 * they are. Returns what it removed, in words.
 */
export async function cleanKubevirtci(options: {
  cacheDir: string;
  log: Log;
  only?: string | undefined;
}): Promise<string[]> {
  const { cacheDir, log, only } = options;
  if (only === undefined) return cleanWorkers(cacheDir);
  const stateDir = join(cacheDir, "clusters", only);
  const saved = await loadState(stateDir);
  if (!saved) return [];
  return clusterDown({ clusterId: only, state: saved.state, logFile: join(stateDir, "cluster-down.log"), log });
}

async function cleanWorkers(cacheDir: string): Promise<string[]> {
  const cli = containerCli("docker", dockerSocket);
  if (!(await answers(cli))) return [];
  const clusters = await readdir(join(cacheDir, "clusters")).catch((): string[] => []);
  const known = await Promise.all(clusters.map((clusterId) => workersOf(cli, labelOf(clusterId))));
  const kept = new Set(known.flat().map(({ id }) => id));
  const removed: string[] = [];
  for (const worker of await workersOf(cli, `${cacheLabel}=${cacheId(cacheDir)}`)) {
    if (kept.has(worker.id)) continue;
    const why = await removeContainer(cli, worker);
    if (why !== undefined) throw environmentError(`Container \`${worker.name}\` cannot be removed: ${why}`);
    removed.push(`container ${worker.name}`);
  }
  return removed;
}
