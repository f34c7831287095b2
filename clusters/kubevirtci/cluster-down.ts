import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../lib/command.ts";
import { describeError, environmentError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { containerCli, type ContainerCli } from "./container-cli.ts";
import {
  containersOf,
  creationOf,
  labelOf,
  removeContainer,
  type SeenContainer,
  volumesOf,
  workersOf,
} from "./containers.ts";
import { variablesOf } from "./scripts.ts";
import type { KubevirtciState } from "./state.ts";

export interface ClusterDownOptions {
  clusterId: string;
  state: KubevirtciState;
  /** Gets what `make cluster-down` prints. */
  logFile: string;
  log: Log;
}

/**
 * Removes what a cluster of ours has in its engine: kubevirtci's own `make cluster-down`, unless containers of others have
 * the same prefix, and then whatever that left. Returns what it removed, in words; nothing if there was nothing. Throws
 * an environment error that names what is still there.
 */
export async function clusterDown(options: ClusterDownOptions): Promise<string[]> {
  const { clusterId, state, log } = options;
  const cli = containerCli(state.runtime, state.socket);
  const left = new Map<string, string>();
  const removed: string[] = [];
  const remove = async (containers: readonly SeenContainer[]) => {
    for (const container of containers) {
      const why = await removeContainer(cli, container);
      if (why === undefined) removed.push(`container ${container.name}`);
      else left.set(container.id, `container ${container.name}: ${why}`);
    }
  };
  const removeWorkers = async () => remove(await workersOf(cli, labelOf(clusterId)));
  // First: whatever still runs would make further nodes.
  await removeWorkers();
  const { ours, others } = await containersBelonging(cli, state);
  if (ours.length > 0) {
    if (others.length === 0) await makeClusterDown(options);
    else log.warn(`\`make cluster-down\` is left out, as it would also remove what is not ours: ${namesOf(others)}`);
    await removeWorkers();
    const still = (await containersBelonging(cli, state)).ours;
    const gone = ours.filter(({ id }) => still.every((other) => other.id !== id));
    removed.push(...gone.map(({ name }) => `container ${name}`));
    await remove(still);
  }
  for (const name of await volumesOf(cli, clusterId)) {
    const { exitCode, stderr } = await cli.run(["volume", "rm", "--force", name], { allowFailure: true });
    if (exitCode === 0) removed.push(`volume ${name}`);
    else left.set(name, `volume ${name}: ${stderr.trim()}`);
  }
  if (left.size === 0) return removed;
  throw environmentError(`Not everything of ${clusterId} is removed.`, {
    evidence: [...left.values()].join("\n"),
    hint: `remove it with \`${cli.runtime} rm --force\`, or try \`scripts/vmesh clean\` again`,
  });
}

/**
 * Containers of the prefix, ours and others'. Ours are those that the cluster had when it was up; before it was, all
 * that came after we had seen that there were none.
 */
async function containersBelonging(
  cli: ContainerCli,
  { prefix, since, containers, taken }: KubevirtciState,
): Promise<{ ours: SeenContainer[]; others: SeenContainer[] }> {
  const all = await containersOf(cli, prefix);
  const judged = await Promise.all(
    all.map(async (container) => {
      if (taken) return false;
      if (containers?.includes(container.id)) return true;
      if (containers !== undefined) return false;
      return ((await creationOf(cli, container)) ?? 0) >= since;
    }),
  );
  return { ours: all.filter((_, index) => judged[index]), others: all.filter((_, index) => !judged[index]) };
}

/** That it fails or does not end is told, and no more: what it leaves is removed after it. */
async function makeClusterDown({ state, logFile, log }: ClusterDownOptions): Promise<void> {
  const { scripts, downSeconds } = state;
  if (!existsSync(join(scripts.folder, "Makefile"))) {
    log.warn(`the checkout \`${scripts.folder}\` is gone, so its containers are removed one by one`);
    return;
  }
  try {
    await run("make", ["cluster-down"], {
      cwd: scripts.folder,
      env: variablesOf(scripts),
      timeoutMs: downSeconds * 1000,
      outputFile: logFile,
    });
  } catch (error) {
    log.warn(`its containers are removed one by one: ${describeError(error)}`);
  }
}

function namesOf(containers: readonly SeenContainer[]): string {
  return containers.map(({ name }) => name).join(", ");
}
