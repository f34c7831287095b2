import { describe, expect, test } from "vitest";
import { addressOf, parseSettings, podRangeOfNode } from "./settings.ts";

describe("addressOf", () => {
  test.each([
    ["10.96.0.0/16", 10, "10.96.0.10"],
    ["172.30.7.0/24", 10, "172.30.7.10"],
    ["10.244.0.0/16", 256, "10.244.1.0"],
    ["10.0.255.0/16", 256, "10.1.0.0"],
    ["192.168.0.0/16", 65_535, "192.168.255.255"],
  ])("counts from the base of %s: number %i is %s.", (range, index, address) => {
    expect(addressOf(range, index)).toBe(address);
  });
});

test("Each node has a /24 of the pods' range of its own.", () => {
  expect([0, 1, 8].map((index) => podRangeOfNode("10.244.0.0/16", index))).toEqual([
    "10.244.0.0/24",
    "10.244.1.0/24",
    "10.244.8.0/24",
  ]);
});

test("An empty section has the documented defaults.", () => {
  expect(parseSettings({})).toEqual({ podSubnet: "10.244.0.0/16", serviceSubnet: "10.96.0.0/16" });
});

test.each([
  ["an unknown key", { podSubnets: "10.0.0.0/16" }, /podSubnets/],
  ["what is no range", { nodeSubnet: "172.30.0.1" }, /expected an IPv4 range/],
])("A section with %s is a usage error that shows it.", (_what, section, evidence) => {
  expect(() => parseSettings(section)).toThrow(
    expect.objectContaining({ kind: "usage", evidence: expect.stringMatching(evidence) }),
  );
});
