import type { Kube, KubeObject } from "../../lib/kube.ts";
import { type Platform, platformOf } from "./platforms.ts";

/** One node, as far as vmesh depends on it. */
export interface NodeSight {
  name: string;
  /** Empty where it tells none. */
  address: string;
  isReady: boolean;
  /** Pods without tolerations may run on it. */
  takesPods: boolean;
  architecture: string;
  kubelet: string;
}

/** A cluster that answers, before anything is done to it. */
export interface ClusterSight {
  platform: Platform;
  /** Of the API server, `v1.34.4`. */
  version: string;
  nodes: NodeSight[];
}

/** Looks at version and nodes. Throws an environment error if the API does not answer or does not let its user look. */
export async function readCluster(kube: Kube, context: string): Promise<ClusterSight> {
  const { gitVersion } = JSON.parse(await kube.raw("/version")) as { gitVersion: string };
  const nodes = await kube.list({ apiVersion: "v1", kind: "Node" });
  return {
    platform: platformOf(context, nodes),
    version: gitVersion,
    nodes: nodes.map(nodeSight).toSorted((a, b) => a.name.localeCompare(b.name)),
  };
}

function nodeSight({ metadata, spec, status }: KubeObject): NodeSight {
  const { addresses, conditions, nodeInfo } = (status ?? {}) as {
    addresses?: { type: string; address: string }[];
    conditions?: { type: string; status: string }[];
    nodeInfo?: { architecture: string; kubeletVersion: string };
  };
  const { unschedulable = false, taints } = (spec ?? {}) as { unschedulable?: boolean; taints?: { effect: string }[] };
  return {
    name: metadata.name,
    address: addresses?.find(({ type }) => type === "InternalIP")?.address ?? "",
    isReady: conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false,
    takesPods: !unschedulable && !(taints ?? []).some(({ effect }) => effect !== "PreferNoSchedule"),
    architecture: nodeInfo?.architecture ?? "unknown",
    kubelet: nodeInfo?.kubeletVersion ?? "unknown",
  };
}

/** Nodes that are Ready and take pods: those that count for checks of two nodes. */
export function workers({ nodes }: Pick<ClusterSight, "nodes">): NodeSight[] {
  return nodes.filter(({ isReady, takesPods }) => isReady && takesPods);
}

/** The range of the Services, which clusters since Kubernetes 1.33 tell; `undefined` where it cannot be known. */
export async function serviceRange(kube: Kube): Promise<string | undefined> {
  const apiVersion = "networking.k8s.io/v1";
  if (!(await kube.serves(apiVersion, "ServiceCIDR"))) return undefined;
  const object = await kube.get({ apiVersion, kind: "ServiceCIDR", name: "kubernetes" });
  return ((object?.["spec"] ?? {}) as { cidrs?: string[] }).cidrs?.find((range) => !range.includes(":"));
}

/** The address that pods ask for names. */
export async function dnsAddress(kube: Kube): Promise<string | undefined> {
  const query = { apiVersion: "v1", kind: "Service", namespace: "kube-system", labelSelector: "k8s-app=kube-dns" };
  const [service] = await kube.list(query);
  return ((service?.["spec"] ?? {}) as { clusterIP?: string }).clusterIP;
}
