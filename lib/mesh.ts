/** The workload that runs on the external VM. */
const vm = { namespace: "vmns", serviceAccount: "vmsa", workload: "external-app", port: 8000 } as const;

/** Names and ports of the mesh over two networks, as the istio-vms source has them. */
export const mesh = {
  id: "vmmesh",
  cluster: "test",
  /** Network of the pods, and that of the VMs outside the cluster. */
  networks: { cluster: "kube-network", vm: "vm-network" },
  gateway: {
    namespace: "istio-system",
    service: "istio-eastwestgateway",
    /** The control plane's are shifted by one: 15021, 15012 and 15017 may be an ingress gateway's on the same address. */
    ports: { status: 15022, istiod: 15013, webhook: 15018, services: 15443 },
  },
  /** The gateways at the edge of the mesh, as profile demo installs them. */
  edge: {
    ingress: { namespace: "istio-system", service: "istio-ingressgateway" },
    egress: { namespace: "istio-system", service: "istio-egressgateway" },
  },
  /** The external VM's workload, and where the mesh asks it, through its Service. */
  vm: { ...vm, url: `http://${vm.workload}.${vm.namespace}.svc:${vm.port}` },
} as const;

/** The revision of a cluster's istiod: its version as `1-31-1`, as a revision is part of object names. */
export function revisionOf({ versions }: { versions: Readonly<Record<string, string>> }): string {
  return (versions["istio"] ?? "").replaceAll(".", "-");
}

/** Name of the Deployment and Service of a cluster's istiod. */
export function istiodOf(cluster: { versions: Readonly<Record<string, string>> }): string {
  return `istiod-${revisionOf(cluster)}`;
}
