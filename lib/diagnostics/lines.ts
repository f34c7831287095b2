import type { KubeObject } from "../kube.ts";

/** One line for an event, beginning with its time. */
export function describeEvent(event: KubeObject): string {
  const { type, reason, message, lastTimestamp, eventTime, involvedObject, count } = event as unknown as {
    type?: string;
    reason?: string;
    message?: string;
    lastTimestamp?: string | null;
    eventTime?: string | null;
    involvedObject?: { kind?: string; name?: string };
    count?: number;
  };
  const time = lastTimestamp ?? eventTime ?? event.metadata.creationTimestamp ?? "-";
  const about = `${involvedObject?.kind ?? "?"}/${involvedObject?.name ?? "?"}`;
  return `${time} ${type ?? "-"} ${reason ?? "-"} ${about} x${count ?? 1}: ${message?.trim() ?? ""}`;
}

/** One line for a pod: phase, node, and each container's state. */
export function describePod(pod: KubeObject): string {
  const { nodeName = "no node" } = pod["spec"] as { nodeName?: string };
  const { phase } = (pod["status"] ?? {}) as { phase?: string };
  const containers = containersOf(pod).map(({ name, state, reason, ready, restarts }) => {
    const why = reason ? ` ${reason}` : "";
    return `${name}=${state}${why}${ready ? " ready" : ""} (${restarts} restarts)`;
  });
  const doomed = pod.metadata.deletionTimestamp ? " deleting" : "";
  return `${pod.metadata.name} ${phase ?? "-"}${doomed} on ${nodeName}: ${containers.join(", ")}`;
}

/** A container and how it is, as far as the kubelet has said. */
export interface ContainerState {
  name: string;
  /** `running`, `waiting`, `terminated` or `unknown`. */
  state: string;
  reason: string | undefined;
  ready: boolean;
  restarts: number;
}

/** All containers of a pod, those of its start first; a native sidecar is one of them. */
export function containersOf(pod: KubeObject): ContainerState[] {
  type Status = { name: string; ready?: boolean; restartCount?: number; state?: Record<string, { reason?: string }> };
  const spec = pod["spec"] as { containers: { name: string }[]; initContainers?: { name: string }[] };
  const status = (pod["status"] ?? {}) as { initContainerStatuses?: Status[]; containerStatuses?: Status[] };
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => {
    const found = statuses.find((one) => one.name === name);
    const [[state, detail] = ["unknown", undefined]] = Object.entries(found?.state ?? {});
    const { ready = false, restartCount: restarts = 0 } = found ?? {};
    return { name, state, reason: detail?.reason, ready, restarts };
  });
}
