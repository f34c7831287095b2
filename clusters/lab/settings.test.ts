import { describe, expect, test } from "vitest";
import { addressOf, demandBuildable, parseSettings, podRangeOfNode } from "./settings.ts";

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
  expect(parseSettings({})).toEqual({
    podSubnet: "10.244.0.0/16",
    serviceSubnet: "10.96.0.0/16",
    artifacts: "build",
  });
});

test("Only the versions of the set `lab` can be built; of any other the releases are taken.", () => {
  const [build, upstream] = [parseSettings({}), parseSettings({ artifacts: "upstream" })];
  expect(() => demandBuildable(build, "2021-blog")).toThrow(expect.objectContaining({ kind: "usage" }));
  for (const versions of [undefined, "lab"]) expect(() => demandBuildable(build, versions)).not.toThrow();
  expect(() => demandBuildable(upstream, "2021-blog")).not.toThrow();
});

test.each([
  { nodeSubnet: "192.168.7.0/24" },
  { podSubnet: "10.0.0.0/16" },
  { podSubnet: "10.244.16.0/20" },
  { serviceSubnet: "10.96.0.0/12" },
  { serviceSubnet: "192.168.255.0/24" },
  { artifacts: "upstream" },
])("%o is taken as it is.", (section) => {
  expect(parseSettings(section)).toMatchObject(section);
});

test.each([
  ["an unknown key", { podSubnets: "10.0.0.0/16" }, /podSubnets/],
  ["what is no range", { nodeSubnet: "172.30.0.1" }, /expected an IPv4 range.*got `172\.30\.0\.1`/],
  ["a number over 255", { podSubnet: "10.256.0.0/16" }, /expected an IPv4 range.*got `10\.256\.0\.0\/16`/],
  ["a prefix over 32", { serviceSubnet: "10.96.0.0/33" }, /expected an IPv4 range.*got `10\.96\.0\.0\/33`/],
  ["an octal number", { podSubnet: "010.244.0.0/16" }, /expected an IPv4 range/],
  ["an inner address", { podSubnet: "10.244.1.0/16" }, /first address.*`10\.244\.0\.0\/16`, got `10\.244\.1\.0\/16`/],
  ["an inner address", { serviceSubnet: "10.96.0.1/12" }, /`10\.96\.0\.0\/12`, got `10\.96\.0\.1\/12`/],
  ["too large a node network", { nodeSubnet: "172.30.0.0/23" }, /expected a \/24, got `172\.30\.0\.0\/23`/],
  ["too small a node network", { nodeSubnet: "172.30.0.0/25" }, /expected a \/24, got/],
  ["too large a range of pods", { podSubnet: "10.244.0.0/15" }, /from \/16 to \/20, got `10\.244\.0\.0\/15`/],
  ["too small a range of pods", { podSubnet: "10.244.0.0/21" }, /from \/16 to \/20, got/],
  ["too large a range of Services", { serviceSubnet: "10.0.0.0/11" }, /from \/12 to \/24, got/],
  ["too small a range of Services", { serviceSubnet: "10.96.0.0/25" }, /from \/12 to \/24, got/],
])("A section with %s is a usage error that shows it.", (_what, section, evidence) => {
  expect(() => parseSettings(section)).toThrow(
    expect.objectContaining({ kind: "usage", evidence: expect.stringMatching(evidence) }),
  );
});
