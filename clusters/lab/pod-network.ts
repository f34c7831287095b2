import type { Node } from "./node.ts";
import { type LabSettings, podRangeOfNode } from "./settings.ts";

const VXLAN_ID = 42;

/** One node's place in the pod network. */
export interface PodNetworkNode {
  node: Node;
  index: number;
}

/**
 * Prepares a node for pods: the CNI configuration (Multus over a bridge), the way to the other nodes' pods, and a dead
 * end for Service addresses. The nodes' network has no way out, and a packet to a Service address that kube-proxy has
 * not programmed yet is dropped at a bridge without ports instead of taking whatever route fits.
 */
export async function preparePodNetwork(
  self: PodNetworkNode,
  all: readonly PodNetworkNode[],
  settings: LabSettings,
): Promise<void> {
  const { node, index } = self;
  const script = [
    "install -d /etc/cni/net.d /etc/cni/multus/net.d /etc/vmesh",
    ": > /etc/vmesh/resolv.conf",
    "ip link add service-sink type bridge",
    "ip link set service-sink up",
    `ip route add ${settings.serviceSubnet} dev service-sink src ${node.address}`,
    // Pods reach other machines of the node network under the node's address.
    `iptables -t nat -A POSTROUTING -s ${podRangeOfNode(settings.podSubnet, index)} ! -d ${settings.podSubnet} -j MASQUERADE`,
    ...(all.length > 1 ? vxlan(self, all, settings) : []),
  ];
  await node.sh(script.join("\n"));
  await node.write("/etc/cni/net.d/00-multus.conf", `${JSON.stringify(cniConfig(self, settings), null, 2)}\n`);
}

/** Plain routes do not do: the container engine's isolation rules drop pod addresses between nodes. */
function vxlan(self: PodNetworkNode, all: readonly PodNetworkNode[], settings: LabSettings): string[] {
  const tunnel = (index: number) => podRangeOfNode(settings.podSubnet, index).replace("/24", "");
  const others = all.filter((other) => other.index !== self.index);
  return [
    `ip link add vxlan0 type vxlan id ${VXLAN_ID} dstport 4789 local ${self.node.address} nolearning`,
    "ip link set vxlan0 up",
    `ip addr add ${tunnel(self.index)}/32 dev vxlan0`,
    ...others.flatMap((other) => [
      `bridge fdb append 00:00:00:00:00:00 dev vxlan0 dst ${other.node.address}`,
      `ip route add ${tunnel(other.index)}/32 dev vxlan0`,
      `ip route add ${podRangeOfNode(settings.podSubnet, other.index)} via ${tunnel(other.index)} dev vxlan0 onlink`,
    ]),
  ];
}

/**
 * Multus as the primary plugin with the bridge as an inline delegate: with a `clusterNetwork` file its DEL loses the
 * address ranges and pods never terminate (Multus 4.2).
 */
function cniConfig(self: PodNetworkNode, settings: LabSettings): object {
  return {
    cniVersion: "0.3.1",
    name: "multus",
    type: "multus",
    kubeconfig: "/etc/cni/multus/kubeconfig",
    confDir: "/etc/cni/multus/net.d",
    logLevel: "error",
    logFile: "/var/log/vmesh/multus.log",
    delegates: [
      {
        cniVersion: "0.3.1",
        name: "pods",
        type: "bridge",
        bridge: "cni0",
        isDefaultGateway: true,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          dataDir: "/run/cni/ipam",
          ranges: [[{ subnet: podRangeOfNode(settings.podSubnet, self.index) }]],
        },
      },
    ],
  };
}
