import { describe, expect, test } from "vitest";
import { checkRanges, chooseSubnet, overlap, rangeProblems, takenFrom } from "./subnets.ts";

const by = "someone";

describe("the node network", () => {
  test.for([
    ["nothing is taken", [], "172.30.0.0/24"],
    ["the first is taken", ["172.30.0.0/24"], "172.30.1.0/24"],
    ["one address in the first and all of the second are taken", ["172.30.0.17/32", "172.30.1.0/24"], "172.30.2.0/24"],
    ["a wider range covers the first four", ["172.30.0.0/22"], "172.30.4.0/24"],
    ["only others are taken", ["172.31.0.0/16", "10.0.0.0/8", "172.29.0.0/16"], "172.30.0.0/24"],
  ] as const)("is the first free /24 when %s", ([, cidrs, expected]) => {
    expect(chooseSubnet(cidrs.map((cidr) => ({ cidr, by })))).toBe(expected);
  });

  test("is an error that names who has the pool when nothing is left", () => {
    expect(() => chooseSubnet([{ cidr: "172.16.0.0/12", by }])).toThrow("No free /24 is left in `172.30.0.0/16`");
  });
});

test.for([
  ["10.0.0.0/8", "10.244.0.0/16", true],
  ["10.244.0.0/16", "10.0.0.0/8", true],
  ["10.244.255.255/32", "10.244.0.0/16", true],
  ["10.245.0.0/32", "10.244.0.0/16", false],
  ["192.0.2.77/24", "192.0.2.0/25", true],
  ["0.0.0.0/0", "255.255.255.255/32", true],
] as const)("%s and %s overlap: %s", ([one, other, expected]) => {
  expect(overlap(one, other)).toBe(expected);
});

test.for(["10.0.0/8", "10.0.0.256/8", "10.0.0.0/33", "fd00::/64", ""])("`%s` is no IPv4 range", (text) => {
  expect(() => overlap(text, "10.0.0.0/8")).toThrow("is not an IPv4 range");
});

test("conflicts are all named, with who has the range", () => {
  const ranges = { nodeSubnet: "172.30.0.0/24", podSubnet: "10.244.0.0/16", serviceSubnet: "10.244.128.0/20" };
  const taken = [{ cidr: "172.30.0.0/16", by: "Docker network `other`" }];

  expect(rangeProblems(ranges, taken)).toEqual([
    "`nodeSubnet` 172.30.0.0/24 is not free: Docker network `other` has 172.30.0.0/16.",
    "`serviceSubnet` 10.244.128.0/20 is not free: the lab's own `podSubnet` has 10.244.0.0/16.",
  ]);
  expect(() => checkRanges(ranges, taken)).toThrow("Docker network `other` has 172.30.0.0/16");
  expect(() => checkRanges({ podSubnet: "10.244.0.0/16" }, taken)).not.toThrow();
});

test("ranges in use come from networks, addresses and routes, never from a default route", () => {
  const routes = [
    { dst: "default", gateway: "192.0.2.1", dev: "eth0" },
    { dst: "0.0.0.0/1", dev: "wg0" },
    { dst: "128.0.0.0/1", dev: "wg0" },
    { dst: "10.96.0.0/12", dev: "tun0" },
    { type: "blackhole", dst: "10.244.7.0/24" },
    { dst: "192.0.2.9", dev: "eth0" },
    { dst: "fd00::/64", dev: "eth0" },
  ];
  const addresses = [
    {
      ifname: "eth0",
      addr_info: [
        { family: "inet", local: "192.0.2.2", prefixlen: 24 },
        { family: "inet6", local: "fe80::1", prefixlen: 64 },
      ],
    },
  ];
  const networks = [
    { Name: "host", IPAM: { Config: null } },
    { Name: "kind", IPAM: { Config: [{ Subnet: "172.30.4.0/24" }, { Subnet: "fc00::/64" }] } },
  ];

  expect(takenFrom(routes, addresses, networks)).toEqual([
    { cidr: "172.30.4.0/24", by: "Docker network `kind`" },
    { cidr: "192.0.2.2/24", by: "interface `eth0`" },
    { cidr: "10.96.0.0/12", by: "a route over `tun0`" },
    { cidr: "10.244.7.0/24", by: "a `blackhole` route" },
    { cidr: "192.0.2.9/32", by: "a route over `eth0`" },
  ]);
});
