import type { KubeObject } from "../kube.ts";

/** Whether each container of a pod is ready, by name; a native sidecar is among the init containers. */
export function readiness({ spec, status }: KubeObject): Record<string, boolean> {
  type Containers = { initContainers?: { name: string }[]; containers: { name: string }[] };
  type Statuses = { [list in `${"c" | "initC"}ontainerStatuses`]?: { name: string; ready: boolean }[] };
  const { initContainers = [], containers } = spec as Containers;
  const { initContainerStatuses = [], containerStatuses = [] } = (status ?? {}) as Statuses;
  const ready = [...initContainerStatuses, ...containerStatuses].filter((one) => one.ready).map(({ name }) => name);
  return Object.fromEntries([...initContainers, ...containers].map(({ name }) => [name, ready.includes(name)]));
}
