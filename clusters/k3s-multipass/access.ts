import { connect, type KubeObject } from "../../lib/kube.ts";
import type { MachineAccess } from "../../lib/machine.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import type { ClusterAccess } from "../provider.ts";
import type { VersionSet } from "../version-set.ts";
import type { CniFolders } from "./cni.ts";
import type { K3sSettings } from "./settings.ts";

/** A node as the API tells it. */
export interface ReadyNode {
  name: string;
  address: string;
  /** Version of its kubelet. */
  version: string;
}

/** What access to a cluster is made of. */
export interface AccessParts {
  kubeconfig: string;
  nodes: readonly ReadyNode[];
  set: VersionSet;
  images: K3sSettings["images"];
  /** References of the set's images, as nodes pull them. */
  parts: ClusterAccess["parts"];
  workload: string;
  cniFolders: CniFolders;
  manifests: ClusterAccess["manifests"];
  istioctl: string;
  /** Nodes have no `/dev/kvm`. */
  emulation: boolean;
  vm: MachineAccess | undefined;
}

/**
 * As many Ready nodes as there are instances, of the API that the kubeconfig leads to: so it leads there from this
 * machine, too. Throws a `WaitError` that says how many there are and what keeps the others.
 */
export async function readyNodes(kubeconfig: string, count: number, signal: AbortSignal): Promise<ReadyNode[]> {
  const kube = connect(kubeconfig);
  const what = `${count} nodes of k3s are Ready`;
  return eventually({ what, budgetMs: timeouts.k3sNodesReady, signal }, async () => {
    const nodes = (await kube.list({ apiVersion: "v1", kind: "Node" })).map(readNode);
    const unready = nodes.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${problem}`]));
    if (nodes.length === count && unready.length === 0) {
      return nodes.map(({ name, address, version }) => ({ name, address, version }));
    }
    throw new Error(
      `there are ${nodes.length}${unready.length > 0 ? `, of which not Ready: ${unready.join("; ")}` : ""}`,
    );
  });
}

function readNode({ metadata, status }: KubeObject): ReadyNode & { problem: string | undefined } {
  type Status = {
    addresses?: { type: string; address: string }[];
    conditions?: { type: string; status: string; message?: string }[];
    nodeInfo?: { kubeletVersion?: string };
  };
  const { addresses = [], conditions = [], nodeInfo } = (status ?? {}) as Status;
  const ready = conditions.find(({ type }) => type === "Ready");
  return {
    name: metadata.name,
    address: addresses.find(({ type }) => type === "InternalIP")?.address ?? "",
    version: nodeInfo?.kubeletVersion ?? "unknown",
    problem: ready?.status === "True" ? undefined : (ready?.message ?? "it has not said anything yet"),
  };
}

/** The access as plain data. What k3s has by itself, DNS and NetworkPolicy and a load balancer, components find there. */
export function accessOf(access: AccessParts): ClusterAccess {
  const { kubeconfig, nodes, set, images, workload, cniFolders, manifests, istioctl, emulation, vm } = access;
  const { istio, kubevirt, multus } = set.versions;
  return {
    kubeconfig,
    nodes: nodes.map(({ name, address }) => ({ name, address })),
    capabilities: {
      "external-host": "the provider starts no host outside cluster and mesh",
      "live-migration": nodes.length > 1 || "the cluster has one node",
    },
    versions: {
      kubernetes: nodes[0]?.version ?? "unknown",
      ...(istio !== undefined && { istio }),
      ...(kubevirt !== undefined && { kubevirt }),
      ...(multus !== undefined && { multus }),
    },
    // Without a guest there are no manifests of KubeVirt either, so that nothing asks for the image.
    images: { workload, guest: images.guest ?? "" },
    install: "missing",
    parts: access.parts,
    manifests,
    cniFolders,
    // Of k3s, which has them unless it is told others.
    serviceSubnet: "10.43.0.0/16",
    clusterDns: "10.43.0.10",
    emulation,
    endpoints: {},
    machines: { ...(vm && { vm }) },
    tools: { istioctl },
    timeScale: 1,
  };
}
