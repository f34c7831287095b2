import { join } from "node:path";
import { clusterLabel, namespacesLeft } from "../../lib/check-namespaces.ts";
import { environmentError } from "../../lib/errors.ts";
import { connect, type Kube } from "../../lib/kube.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { type ClusterPrint, differences, printCluster } from "../../lib/untouched.ts";
import { eventually } from "../../lib/wait.ts";
import { borrowedState, copyOf, forget } from "./state.ts";

/** Removes the namespaces of checks and probes, waits until they are gone, and returns them in words. */
export async function removeNamespaces(kube: Kube, clusterId: string): Promise<string[]> {
  const names = await namespacesLeft(kube, clusterLabel, clusterId);
  for (const name of names) await kube.remove({ apiVersion: "v1", kind: "Namespace", name });
  const labelSelector = `${clusterLabel}=${clusterId}`;
  const what = "the namespaces of checks and probes are gone";
  // Also those that somebody removed a moment ago.
  await eventually({ what, budgetMs: 2 * timeouts.objectGone }, async () => {
    const left = await kube.list({ apiVersion: "v1", kind: "Namespace", labelSelector });
    if (left.length > 0) throw new Error(`there are: ${left.map(({ metadata }) => metadata.name).join(", ")}`);
  });
  return names.map((name) => `namespace ${name}`);
}

/** Throws an environment error that tells what is not as it was. What only takes a moment to go is waited for. */
export async function demandUntouched(kube: Kube, before: ClusterPrint): Promise<void> {
  let found: string[] = [];
  const what = "every object of the cluster is as it was";
  await eventually({ what, budgetMs: timeouts.objectGone }, async () => {
    found = differences(before, await printCluster(kube));
    if (found.length > 0) throw new Error(`${found.length} are not`);
  }).catch((cause: unknown) => {
    if (found.length === 0) throw cause;
    throw environmentError(`The cluster is not as it was: ${found.length} objects differ.`, {
      evidence: found.join("\n"),
      hint: "`vmesh.dev/` labels tell what is vmesh's; somebody else may have worked on the cluster meanwhile",
    });
  });
}

/**
 * Removes from a cluster what a run left on it that did not end, and forgets it. Throws an environment error if it does
 * not answer: then somebody has to say whether it is gone for good.
 */
export async function cleanBorrowed(options: {
  cacheDir: string;
  log: Log;
  only?: string | undefined;
}): Promise<string[]> {
  const { cacheDir, only: clusterId } = options;
  // A namespace is known by its cluster's folder: without one there is no way to the cluster either.
  if (clusterId === undefined) return [];
  const stateDir = join(cacheDir, "clusters", clusterId);
  const state = await borrowedState(stateDir);
  if (!state) return [];
  const kube = connect(copyOf(stateDir), { reconnectMs: timeouts.apiProbe });
  const removed = await removeNamespaces(kube, clusterId).catch((cause: unknown) => {
    throw environmentError(`What ${clusterId} left on ${state.server} cannot be removed.`, {
      cause,
      hint: `if that cluster is gone for good, \`rm -r ${stateDir}\`; else \`kubectl delete namespaces -l ${clusterLabel}=${clusterId}\``,
    });
  });
  await forget(stateDir);
  return [...removed, `copy of context ${state.context}`];
}
