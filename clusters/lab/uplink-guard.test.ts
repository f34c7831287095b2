import { existsSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { run } from "../../lib/command.ts";
import {
  assertNoLeak,
  countsOf,
  hasGuard,
  guardsOf,
  readGuard,
  removeGuard,
  startGuard,
  uplinksOf,
  type GuardOptions,
} from "./uplink-guard.ts";

const ranges = { nodes: "172.30.0.0/24", pods: "10.244.0.0/16", services: "10.96.0.0/16" };

test("uplinks are hardware, tunnels and what carries a gateway, not the bridges and ports of containers", () => {
  const links = [
    { ifname: "lo", link_type: "loopback" },
    { ifname: "eth0", link_type: "ether" },
    { ifname: "eth1", link_type: "ether", master: "br0", linkinfo: { info_slave_kind: "bridge" } },
    { ifname: "br0", link_type: "ether", linkinfo: { info_kind: "bridge" } },
    { ifname: "vm-a1", link_type: "ether", linkinfo: { info_kind: "bridge" } },
    { ifname: "veth1", link_type: "ether", master: "vm-a1", linkinfo: { info_kind: "veth" } },
    { ifname: "vm-a1-tap", link_type: "ether", master: "vm-a1", linkinfo: { info_kind: "tun" } },
    { ifname: "tun0", link_type: "none", linkinfo: { info_kind: "tun" } },
    { ifname: "wg0", link_type: "none", linkinfo: { info_kind: "wireguard" } },
    { ifname: "veth9", link_type: "ether", linkinfo: { info_kind: "veth" } },
  ];
  const routes = [
    { dst: "default", gateway: "192.0.2.1", dev: "br0" },
    { dst: "198.51.100.0/24", gateway: "203.0.113.1", dev: "veth9" },
    { dst: "172.30.0.0/24", dev: "vm-a1" },
    { dst: "203.0.113.0/24", type: "blackhole" },
  ];
  expect(uplinksOf(links, routes)).toEqual(["eth0", "eth1", "br0", "tun0", "wg0", "veth9"]);
});

test("a leak is an error with range and count, and 0 everywhere is none", () => {
  const clean = { range: "pods", cidr: "10.244.0.0/16", packets: 0, bytes: 0 };
  expect(() => assertNoLeak([clean])).not.toThrow();
  expect(() => assertNoLeak([clean, { range: "services", cidr: "10.96.0.0/16", packets: 3, bytes: 180 }])).toThrow(
    "expected 0: 3 (180 bytes) for `services` 10.96.0.0/16.",
  );
});

test("a counter that is gone is an error, not 0", () => {
  const listing = { nftables: [{ metainfo: {} }, { counter: { name: "pods", packets: 0, bytes: 0 } }] };
  expect(countsOf(listing, { pods: "10.244.0.0/16" })).toHaveLength(1);
  expect(() => countsOf(listing, { vms: "172.30.0.0/24" })).toThrow("counter of range `vms` is gone");
});

test("guards are found by their tables, other tables are left alone", () => {
  const listing = { nftables: [{ metainfo: {} }, { table: { name: "vmesh_r7k2" } }, { table: { name: "filter" } }] };
  expect(guardsOf(listing)).toEqual(["r7k2"]);
});

const reason = [
  [process.getuid?.() !== 0, "needs root"],
  [!existsSync("/usr/sbin/nft"), "needs Debian's `nftables`"],
].find(([applies]) => applies)?.[1];

describe.skipIf(reason)(
  `the guard of a decoy uplink${reason ? ` (skipped: ${reason})` : ""}`,
  () => {
    // node --(veth)-- host --(veth `uplink`)-- outside: three namespaces of our own.
    const suffix = String(process.pid);
    const [node, host, outside] = [`vmesh-node-${suffix}`, `vmesh-host-${suffix}`, `vmesh-out-${suffix}`];
    const guard: GuardOptions = { clusterId: "guard-test", ranges, interfaces: ["uplink"], netns: host };
    const sh = (script: string) => run("bash", ["-euc", script], { timeoutMs: 20_000 });
    const send = (from: string, address: string) =>
      sh(`ip netns exec ${from} bash -c 'for i in 1 2 3; do echo decoy > /dev/udp/${address}/53; done'`);
    const packets = async () =>
      Object.fromEntries((await readGuard(guard)).map((count) => [count.range, count.packets]));

    beforeAll(() =>
      sh(`
      for space in ${node} ${host} ${outside}; do ip netns add $space; ip -n $space link set lo up; done
      ip -n ${host} link add uplink type veth peer name eth0 netns ${outside}
      ip -n ${host} link add inner type veth peer name eth0 netns ${node}
      ip -n ${host} address add 198.51.100.1/24 dev uplink
      ip -n ${host} address add 172.30.0.1/24 dev inner
      ip -n ${outside} address add 198.51.100.2/24 dev eth0
      ip -n ${node} address add 172.30.0.2/24 dev eth0
      ip -n ${host} link set uplink up; ip -n ${host} link set inner up
      ip -n ${outside} link set eth0 up; ip -n ${node} link set eth0 up
      ip -n ${host} route add default via 198.51.100.2
      ip -n ${outside} route add blackhole default
      ip -n ${node} route add default via 172.30.0.1
      ip netns exec ${host} sysctl -qw net.ipv4.ip_forward=1
    `),
    );
    afterAll(() => sh(`for space in ${node} ${host} ${outside}; do ip netns delete $space; done`));
    beforeEach(() => startGuard(guard));

    test("stays 0 for traffic inside the lab and for other people's traffic over the uplink", async () => {
      await send(node, "172.30.0.1");
      await send(host, "172.30.0.2");
      await send(host, "198.51.100.2");
      await send(host, "203.0.113.7");

      expect(await packets()).toEqual({ nodes: 0, pods: 0, services: 0 });
      assertNoLeak(await readGuard(guard));
    });

    test("counts a packet of the host itself for an unprogrammed Service address", async () => {
      await send(host, "10.96.200.1");

      expect(await packets()).toEqual({ nodes: 0, pods: 0, services: 3 });
      const counts = await readGuard(guard);
      expect(() => assertNoLeak(counts)).toThrow(/expected 0: 3 \(\d+ bytes\) for `services` 10\.96\.0\.0\/16\./);
    });

    test("counts what a node sends out through the host: for a pod, and from a node to anywhere", async () => {
      await send(node, "10.244.3.4");
      expect(await packets()).toEqual({ nodes: 3, pods: 3, services: 0 });
      await send(node, "203.0.113.7");
      expect(await packets()).toEqual({ nodes: 6, pods: 3, services: 0 });
    });

    test("counts a packet between two addresses of one range once", async () => {
      await sh(`ip -n ${host} route add 172.30.0.128/25 via 198.51.100.2 src 172.30.0.1`);
      await send(host, "172.30.0.129");
      expect(await packets()).toEqual({ nodes: 3, pods: 0, services: 0 });
    });

    test("begins at 0 again, and is an error to read once it is removed", async () => {
      await send(host, "10.96.200.1");
      await startGuard(guard);
      expect(await packets()).toEqual({ nodes: 0, pods: 0, services: 0 });
      expect(await hasGuard("guard-test")).toBe(false); // it is in another namespace

      await removeGuard(guard);
      await removeGuard(guard);
      await expect(readGuard(guard)).rejects.toThrow("exit code 1");
    });

    test("on an interface that is not there is an error that names it, not a 0", async () => {
      await expect(startGuard({ ...guard, interfaces: ["uplink", "nowhere0"] })).rejects.toThrow("nowhere0");
    });
  },
  60_000,
);
