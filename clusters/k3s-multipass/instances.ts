import { cacheId } from "../lab/labels.ts";
import type { InstanceSize } from "../machines/multipass-cli.ts";
import { instanceOf } from "../machines/multipass.ts";
import type { K3sSettings } from "./settings.ts";

/** The instances of one cluster. */
export interface Instances {
  server: PlannedInstance;
  agents: PlannedInstance[];
}

export interface PlannedInstance {
  /** Its host name, which is also the node's. */
  host: string;
  /** Its name in Multipass. */
  name: string;
  size: InstanceSize;
}

/** Host name of the machine outside the cluster. */
export const vmHost = "external-vm";

/** What the cluster is made of, under names that no other cluster of any cache has. */
export function instancesOf(prefix: string, agents: number, { server, agent }: K3sSettings): Instances {
  const planned = (host: string, size: InstanceSize) => ({ host, name: instanceOf(prefix, host), size });
  const numbers = Array.from({ length: agents }, (_, index) => index + 1);
  return { server: planned("server", server), agents: numbers.map((number) => planned(`agent-${number}`, agent)) };
}

/**
 * With what the names of a cluster's instances begin: Multipass knows no labels, so the name tells the cluster, and whose
 * cache it belongs to.
 */
export function prefixOf({ clusterId, cacheDir }: { clusterId: string; cacheDir: string }): string {
  return `${clusterId}-${cacheMark(cacheDir)}`;
}

/** The cluster that an instance of this cache belongs to; `undefined` for whatever else this user has in Multipass. */
export function clusterOf(instance: string, cacheDir: string): string | undefined {
  const hosts = `server|agent-\\d|${vmHost}`;
  return new RegExp(`^(vmesh-[0-9a-f]+)-${cacheMark(cacheDir)}-(?:${hosts})$`).exec(instance)?.[1];
}

/** Begins with a letter, as no part of a host name may be taken for a number. */
function cacheMark(cacheDir: string): string {
  return `c${cacheId(cacheDir).slice(0, 6)}`;
}
