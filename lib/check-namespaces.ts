import type { Kube } from "./kube.ts";

/** On the namespaces of checks: the cluster whose harness made them. */
export const clusterLabel = "vmesh.dev/cluster";

/** On the namespaces of checks: the run they belong to. */
export const runLabel = "vmesh.dev/run";

/** Names of the namespaces with this label that nobody is removing. */
export async function namespacesLeft(
  kube: Pick<Kube, "list">,
  label: typeof clusterLabel | typeof runLabel,
  value: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const query = { apiVersion: "v1", kind: "Namespace", labelSelector: `${label}=${value}`, signal };
  const found = await kube.list(query);
  return found.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.name);
}
