import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connect } from "../../lib/kube.ts";
import { installComponents } from "../components/components.ts";
import { multus } from "../components/multus.ts";
import { withProbeNamespace } from "../components/probe.ts";
import { providerContract, type RunningCluster } from "../provider.contract.ts";
import { type Node, nodeAt } from "./node.ts";
import { addressOf } from "./settings.ts";
import { loadState } from "./state.ts";
import { traces } from "./traces.ts";
import { readGuard } from "./uplink-guard.ts";

providerContract(
  {
    provider: "lab",
    nodes: 2,
    interruptAt: [/1 node containers are up/, /the API server is ready/],
    // The range of the loopback interface.
    impossible: { nodeSubnet: "127.0.0.0/24" },
    traces,
  },
  (running) => {
    test("keeps packets for addresses that nobody has on this machine, from a node and from a pod.", async () => {
      const { cluster, options } = running();
      const { state } = await loadState(options.stateDir);
      const { nodeSubnet = "", podSubnet = "", serviceSubnet = "" } = state.ranges;
      const nobody = {
        "unprogrammed Service": addressOf(serviceSubnet, 200 * 256 + 1),
        "pod of this node": addressOf(podSubnet, 250),
        "pod of the other node": addressOf(podSubnet, 256 + 250),
        "pod of no node": addressOf(podSubnet, 99 * 256 + 9),
        "machine of the node network": addressOf(nodeSubnet, 250),
      };
      const urls = Object.values(nobody).flatMap((address) => [`tcp://${address}:7`, `udp://${address}:7`]);

      const node = await firstNode(running());
      const sunk = async () => Number(await node.read("/sys/class/net/service-sink/statistics/tx_packets"));
      const atFirst = await sunk();
      const fromNode = urls.map(async (url) => {
        const { protocol, hostname } = new URL(url);
        const send = `echo probe > /dev/${protocol.slice(0, -1)}/${hostname}/7`;
        const { stdout } = await node.sh(`timeout 2 bash -c '${send}' 2>/dev/null && echo sent || echo not`);
        return stdout;
      });
      const answers = await Promise.all(fromNode);
      // A datagram may go into the void, a connection is not made.
      const connections = answers.filter((_, index) => urls[index]?.startsWith("tcp"));
      expect(connections).toEqual(Object.keys(nobody).map(() => "not"));
      // So the packets did take the way that ends at the bridge without ports.
      expect(await sunk()).toBeGreaterThan(atFirst);

      const kube = connect(cluster.access.kubeconfig);
      const { signal } = new AbortController();
      const target = { access: cluster.access, kube, log: options.log };
      await installComponents(target, { signal, list: [multus] });
      await withProbeNamespace(target, { name: "vmesh-isolation", signal }, async ({ startPod, call }) => {
        await startPod({ name: "client" });
        const outcomes = await Promise.all(urls.map(async (url) => (await call("client", url)).outcome));
        // A refusal would come from somebody.
        expect(outcomes.filter((outcome) => !["timeout", "unreachable"].includes(outcome))).toEqual([]);
        const api = `http://${addressOf(serviceSubnet, 1)}:443/`;
        expect((await call("client", api)).outcome, "the pod reaches a Service that is there").toBe("answered");
      });

      const guard = { clusterId: options.clusterId, ranges: state.ranges, interfaces: state.uplinks };
      expect((await readGuard(guard)).map(({ range, packets }) => ({ range, packets }))).toEqual(
        Object.keys(state.ranges).map((range) => ({ range, packets: 0 })),
      );
    });

    test("keeps kernel settings that belong to no namespace to itself.", async () => {
      // The most harmless of those that a kubelet sets.
      const path = "/proc/sys/kernel/keys/root_maxkeys";
      const before = Number(await readFile(path, "utf8"));
      const node = await firstNode(running());
      try {
        await node.sh(`echo ${before + 1} > ${path}`);
        expect(Number(await readFile(path, "utf8"))).toBe(before);
      } finally {
        await node.sh(`echo ${before} > ${path}`);
      }
    });
  },
);

async function firstNode({ cluster, options }: RunningCluster): Promise<Node> {
  const { clusterId, stateDir } = options;
  const { state } = await loadState(stateDir);
  const [node] = cluster.access.nodes;
  if (!node) throw new TypeError("The cluster has no node.");
  const folder = join(stateDir, "nodes", node.name);
  return nodeAt({ clusterId, ...node, folder, dockerHost: `unix://${state.socket}` });
}
