import { z } from "zod";
import { carriedMeshNames } from "./mesh-names.ts";

const names = carriedMeshNames();

/** The workload that runs on the external VM. */
const vm = {
  namespace: names.vmNamespace,
  serviceAccount: names.vmServiceAccount,
  workload: names.vmApp,
  port: 8000,
} as const;

/** Names and ports of the mesh over two networks, as the istio-vms source has them unless the configuration says otherwise. */
export const mesh = {
  id: names.id,
  cluster: names.cluster,
  /** Network of the pods, and that of the VMs outside the cluster. */
  networks: { cluster: names.clusterNetwork, vm: names.vmNetwork },
  gateway: {
    namespace: "istio-system",
    service: "istio-eastwestgateway",
    ports: { ...names.gatewayPorts, services: 15443 },
  },
  /** The gateways at the edge of the mesh, as profile demo installs them. */
  edge: {
    ingress: { namespace: "istio-system", service: "istio-ingressgateway" },
    egress: { namespace: "istio-system", service: "istio-egressgateway" },
  },
  /** The external VM's workload, and where the mesh asks it, through its Service. */
  vm: { ...vm, url: `http://${vm.workload}.${vm.namespace}.svc:${vm.port}` },
} as const;

/** What a cluster's Istio was installed with. */
export const meshFacts = z.strictObject({
  /** `default` where it was installed without one. */
  revision: z.string().min(1),
  id: z.string(),
  /** Network of the pods; empty where the mesh has one only, which a VM beyond a gateway cannot join. */
  network: z.string(),
  cluster: z.string(),
  /** Injected pods ask Multus for a definition `istio-cni` in their own namespace, so each namespace needs one. */
  attachmentPerNamespace: z.literal(true).optional(),
});
export type MeshFacts = z.infer<typeof meshFacts>;

/** Whether these networks, as an annotation asks Multus for them, have `istio-cni` in the pod's own namespace. */
export function asksForOwnAttachment(networks = ""): boolean {
  return networks.split(",").some((network) => network.trim().split("@")[0] === "istio-cni");
}

/** By this Multus calls Istio's CNI plugin, whose configuration is on the node. */
export function cniAttachment(namespace: string) {
  return {
    apiVersion: "k8s.cni.cncf.io/v1",
    kind: "NetworkAttachmentDefinition",
    metadata: { name: "istio-cni", namespace },
  };
}

/** What tells about a cluster's Istio: what was read from it, else its version, after which vmesh names its revision. */
export interface MeshHome {
  versions: Readonly<Record<string, string>>;
  mesh?: MeshFacts | undefined;
}

/** What a cluster's Istio was installed with; before it is there, what vmesh installs it with. */
export function meshOf({ versions, mesh: found }: MeshHome): MeshFacts {
  const revision = (versions["istio"] ?? "").replaceAll(".", "-");
  return found ?? { revision, id: mesh.id, network: mesh.networks.cluster, cluster: mesh.cluster };
}

/** The revision of a cluster's istiod: what it was installed with, else its version as `1-31-1`. */
export function revisionOf(cluster: MeshHome): string {
  return meshOf(cluster).revision;
}

/** Name of the Deployment and Service of a cluster's istiod. */
export function istiodOf(cluster: MeshHome): string {
  return istiodNamed(revisionOf(cluster));
}

/** Name of the Deployment and Service of the istiod with this revision. */
export function istiodNamed(revision: string): string {
  return revision === "default" ? "istiod" : `istiod-${revision}`;
}
