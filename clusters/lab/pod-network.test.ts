import { expect, test } from "vitest";
import type { Node } from "./node.ts";
import { preparePodNetwork } from "./pod-network.ts";
import { parseSettings } from "./settings.ts";

/** A node that only keeps what it is told. */
function recorder(name: string, address: string): { node: Node; told: string[] } {
  const told: string[] = [];
  const node = {
    name,
    address,
    sh: async (script: string) => {
      told.push(script);
      return { stdout: "", stderr: "", exitCode: 0 };
    },
    write: async (path: string, content: string) => void told.push(`${path}\n${content}`),
  } as unknown as Node;
  return { node, told };
}

test("One node has a dead end for Services, the bridge for its pods, and no tunnel.", async () => {
  const { node, told } = recorder("node-1", "172.30.0.10");
  const place = { node, index: 0 };
  await preparePodNetwork(place, [place], parseSettings({}));
  const [script = "", config = ""] = told;
  expect(script).toContain("ip route add 10.96.0.0/16 dev service-sink src 172.30.0.10");
  expect(script).not.toContain("vxlan");
  expect(JSON.parse(config.slice(config.indexOf("\n")))).toMatchObject({
    type: "multus",
    delegates: [{ type: "bridge", ipam: { ranges: [[{ subnet: "10.244.0.0/24" }]] } }],
  });
});

test("Two nodes reach each other's pods through the tunnel, each towards the other's address.", async () => {
  const [one, two] = [recorder("node-1", "172.30.0.10"), recorder("node-2", "172.30.0.11")];
  const places = [
    { node: one.node, index: 0 },
    { node: two.node, index: 1 },
  ];
  for (const place of places) await preparePodNetwork(place, places, parseSettings({}));
  expect(one.told[0]).toContain("dst 172.30.0.11");
  expect(one.told[0]).toContain("ip route add 10.244.1.0/24 via 10.244.1.0 dev vxlan0 onlink");
  expect(two.told[0]).toContain("dst 172.30.0.10");
  expect(two.told[0]).toContain("ip route add 10.244.0.0/24 via 10.244.0.0 dev vxlan0 onlink");
});
