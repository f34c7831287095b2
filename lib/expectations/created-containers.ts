import type { KubeObject } from "../kube.ts";

/**
 * All containers of a pod in the order in which a kubelet creates them: init containers, native sidecars among them, as
 * they are listed, and then the others as they are listed. Istio puts its proxy before the application where it is a
 * native sidecar, and else behind it.
 */
export function containersInOrder({ spec }: KubeObject): string[] {
  const { initContainers = [], containers } = spec as Record<"initContainers" | "containers", { name: string }[]>;
  return [...initContainers, ...containers].map(({ name }) => name);
}

/** The containers that the events of one pod say were created, each where it was created first. */
export function createdContainers(events: readonly KubeObject[]): string[] {
  const creations = events.filter(({ reason }) => reason === "Created");
  const names = creations.toSorted((a, b) => compare(recordedAt(a), recordedAt(b))).map(containerOf);
  return [...new Set(names)];
}

/** The times in an event count seconds; its name ends with the nanoseconds at which it was recorded. */
function recordedAt({ metadata: { name } }: KubeObject): bigint {
  const digits = /\.([0-9a-f]+)$/.exec(name)?.[1];
  return digits === undefined ? 0n : BigInt(`0x${digits}`);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}

/** From the field that it is about, as the message has changed its form: `spec.initContainers{istio-proxy}`. */
function containerOf({ involvedObject }: KubeObject): string {
  const { fieldPath = "" } = (involvedObject ?? {}) as { fieldPath?: string };
  return /\{(.+)\}$/.exec(fieldPath)?.[1] ?? fieldPath;
}
