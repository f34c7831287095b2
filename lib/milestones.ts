import type { Peer } from "./peers/peer.ts";
import type { SpiffeId } from "./traffic.ts";

/**
 * How long a workload took, milliseconds from when it was applied (a VM outside: from when it was told to boot). The
 * clock is the harness's, but for `runningMs`, which is KubeVirt's in whole seconds.
 */
export interface Milestones {
  name: string;
  namespace: string;
  kind: Peer["kind"];
  /** Absent outside the mesh. */
  identity?: SpiffeId | undefined;
  /** The process of a VMI runs: its guest begins to boot. A VM outside answers on SSH. */
  runningMs?: number | undefined;
  /** Ready, as Kubernetes says; of a VM outside: its proxy is. */
  readyMs?: number | undefined;
  /**
   * The first request over mutual TLS that it sent or answered was answered. Absent where its time says nothing of the
   * workload: the other end was the one to wait for, or it was one of a series, which is judged as a whole.
   */
  firstMtlsMs?: number | undefined;
}

/** Kinds of objects that workloads are made of; others may have their names. */
const workloadKinds = ["Pod", "Deployment", "StatefulSet", "DaemonSet", "VirtualMachine", "VirtualMachineInstance"];

export type Mark = Exclude<keyof Milestones, "name" | "namespace" | "kind" | "identity">;

/** The milestones of one check; the first word on each counts. */
export interface MilestoneLog {
  /** Objects were applied: the clock of every workload seen from now on starts here. */
  applied(): void;
  /** These were applied: of the workloads among them that are not seen yet, the clock starts here, whatever came before. */
  applying(objects: readonly { kind: string; namespace?: string | undefined; name: string }[]): void;
  /** A peer reached a mark, now or after this many milliseconds. */
  mark(peer: Pick<Milestones, "name" | "namespace" | "kind" | "identity">, mark: Mark, ms?: number): void;
  all(): Milestones[];
}

export function milestoneLog(now: () => number = () => performance.now()): MilestoneLog {
  const known = new Map<string, Milestones>();
  const starts = new Map<string, number>();
  let started = now();
  return {
    applied() {
      started = now();
    },
    applying(objects) {
      for (const { kind, namespace, name } of objects) {
        const key = `${namespace}/${name}`;
        if (workloadKinds.includes(kind) && !known.has(key)) starts.set(key, now());
      }
    },
    mark({ name, namespace, kind, identity }, mark, given) {
      const key = `${namespace}/${name}`;
      const ms = given ?? now() - (starts.get(key) ?? started);
      const found = known.get(key) ?? { name, namespace, kind, ...(identity && { identity }) };
      known.set(key, found);
      found[mark] ??= Math.round(ms);
    },
    all: () => [...known.values()],
  };
}
