import { join } from "node:path";
import { expect, test } from "vitest";
import { connect } from "../../lib/kube.ts";
import { installComponents } from "../components/components.ts";
import { multus } from "../components/multus.ts";
import { withProbeNamespace } from "../components/probe.ts";
import { providerContract } from "../provider.contract.ts";
import { nodeAt } from "./node.ts";
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

      const [first] = cluster.access.nodes;
      if (!first) throw new TypeError("The cluster has no node.");
      const { clusterId, stateDir } = options;
      const folder = join(stateDir, "nodes", first.name);
      const node = nodeAt({ clusterId, ...first, folder, dockerHost: `unix://${state.socket}` });
      const sunk = async () => Number(await node.read("/sys/class/net/service-sink/statistics/tx_packets"));
      const atFirst = await sunk();
      const fromNode = urls.map(async (url) => {
        const [, protocol, address] = /^(\w+):\/\/(.*):7$/.exec(url) ?? [];
        const send = `echo probe > /dev/${protocol}/${address}/7`;
        const { stdout } = await node.sh(`timeout 2 bash -c '${send}' 2>/dev/null && echo sent || echo not`);
        return stdout;
      });
      const answers = await Promise.all(fromNode);
      // A datagram is sent into the void, a connection is not made.
      expect(answers.filter((_, index) => urls[index]?.startsWith("tcp"))).not.toContain("sent");
      // So the packets did take the way that ends at the bridge without ports.
      expect(await sunk()).toBeGreaterThan(atFirst);

      const kube = connect(cluster.access.kubeconfig);
      const { signal } = new AbortController();
      const target = { access: cluster.access, kube, log: options.log };
      await installComponents(target, { signal, list: [multus] });
      await withProbeNamespace(target, { name: "vmesh-isolation", signal }, async ({ startPod, call }) => {
        await startPod({ name: "client" });
        const outcomes = await Promise.all(urls.map((url) => call("client", url)));
        expect(outcomes).not.toContain("answered");
        const api = `http://${addressOf(serviceSubnet, 1)}:443/`;
        expect(await call("client", api), "the pod reaches a Service that is there").toBe("answered");
      });

      const guard = { clusterId, ranges: state.ranges, interfaces: state.uplinks };
      expect((await readGuard(guard)).map(({ range, packets }) => ({ range, packets }))).toEqual(
        Object.keys(state.ranges).map((range) => ({ range, packets: 0 })),
      );
    });
  },
);
