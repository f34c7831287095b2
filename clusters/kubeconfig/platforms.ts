import type { KubeObject } from "../../lib/kube.ts";

/** Kinds of clusters whose ways differ where vmesh has to do with them. */
export const platformNames = ["kind", "minikube", "docker-desktop", "starlingx", "k3s", "cloud", "other"] as const;
export type PlatformName = (typeof platformNames)[number];

export interface Platform {
  name: PlatformName;
  /** How its API server comes to answer. */
  reach: string;
  /** How a Service of type LoadBalancer gets an address. */
  loadBalancer: string;
  /** Where its nodes have CNI's programs and configurations, unless in CNI's own places. */
  cniFolders?: { programs: string; configurations: string };
}

const gatewayPorts = "15022, 15013, 15018 and 15443";
const table: Record<PlatformName, Omit<Platform, "name">> = {
  kind: {
    reach:
      "start its node, `docker start NAME-control-plane`; after a restart of Docker `kind export kubeconfig --name NAME`",
    loadBalancer:
      "set `loadBalancer` to the address of a node, `docker inspect -f '{{.NetworkSettings.Networks.kind.IPAddress}}' NAME-control-plane`, " +
      `or run \`cloud-provider-kind\`; where nodes cannot be reached, map the ports ${gatewayPorts} by \`extraPortMappings\``,
  },
  minikube: {
    reach: "`minikube start`",
    loadBalancer: "run `minikube tunnel` in another terminal, as long as the run takes",
  },
  "docker-desktop": {
    reach: "turn on Kubernetes in Docker Desktop's settings, and wait until its sign is green",
    loadBalancer:
      "Docker Desktop gives Services the address of this machine, one Service a port: remove the other Service with one of the ports " +
      gatewayPorts,
  },
  starlingx: {
    reach:
      "use the file that `kubectl config view --raw --flatten` prints on the controller, with the OAM floating address",
    loadBalancer:
      "set `loadBalancer` to the OAM floating address, and allow the ports " +
      `${gatewayPorts} in the OAM firewall (a GlobalNetworkPolicy of its own)`,
  },
  k3s: {
    reach: "`systemctl start k3s` on the server, and write its address instead of 127.0.0.1 into the file",
    loadBalancer: `k3s's own needs each port free on every node: no other Service may have one of ${gatewayPorts}`,
    cniFolders: {
      programs: "/var/lib/rancher/k3s/data/cni",
      configurations: "/var/lib/rancher/k3s/agent/etc/cni/net.d",
    },
  },
  cloud: {
    reach: "look whether this machine may reach the server, and whether the credentials are still valid: log in anew",
    loadBalancer:
      "look at `kubectl describe service` for what the cloud's controller says; quota and subnets are the usual causes",
  },
  other: {
    reach: "look whether the server runs and whether this machine may reach it",
    loadBalancer: "install a load balancer, MetalLB say, or set `loadBalancer` to an address that leads to a node",
  },
};

/** What a cluster is by its nodes; before there is an answer, what the name of its context says. */
export function platformOf(context: string, nodes: readonly KubeObject[] = []): Platform {
  const name = byNodes(nodes) ?? byContext(context);
  return { name, ...table[name] };
}

function byNodes(nodes: readonly KubeObject[]): PlatformName | undefined {
  const [node] = nodes;
  if (!node) return undefined;
  const { providerID = "" } = (node["spec"] ?? {}) as { providerID?: string };
  const { nodeInfo } = (node["status"] ?? {}) as { nodeInfo?: { kubeletVersion?: string } };
  const { name, labels = {} } = node.metadata;
  const keys = Object.keys(labels);
  // Docker Desktop may have made its nodes with kind.
  if (name === "docker-desktop" || name.startsWith("desktop-")) return "docker-desktop";
  if (providerID.startsWith("kind:")) return "kind";
  if (keys.includes("minikube.k8s.io/name")) return "minikube";
  if (/\+k3s/.test(nodeInfo?.kubeletVersion ?? "")) return "k3s";
  if (keys.some((key) => key.includes("starlingx.io")) || /^controller-\d+$/.test(name)) return "starlingx";
  return /^(aws|azure|gce|digitalocean|openstack|ibm|oci|linode|hcloud):/.test(providerID) ? "cloud" : "other";
}

function byContext(context: string): PlatformName {
  if (context.startsWith("kind-")) return "kind";
  if (context === "minikube" || context === "docker-desktop") return context;
  return "other";
}
