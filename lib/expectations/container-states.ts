import type { KubeObject } from "../kube.ts";

/**
 * What each container of a pod does, by name, native sidecars and other init containers included; one that no status
 * tells of yet is waiting.
 */
export function containerStates({ spec, status }: KubeObject): Record<string, "waiting" | "running" | "terminated"> {
  type Containers = { initContainers?: { name: string }[]; containers: { name: string }[] };
  type Status = { name: string; state?: { running?: object; terminated?: object } };
  type Statuses = { [list in `${"c" | "initC"}ontainerStatuses`]?: Status[] };
  const { initContainers = [], containers } = spec as Containers;
  const { initContainerStatuses = [], containerStatuses = [] } = (status ?? {}) as Statuses;
  const stateOf = (name: string) => {
    const { state } = [...initContainerStatuses, ...containerStatuses].find((one) => one.name === name) ?? {};
    return state?.terminated ? "terminated" : state?.running ? "running" : "waiting";
  };
  return Object.fromEntries([...initContainers, ...containers].map(({ name }) => [name, stateOf(name)]));
}
