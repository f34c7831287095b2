import { expect, test } from "vitest";
import { describeNetwork } from "./network.ts";

test("a network is named after its cluster and has the host at its first address", () => {
  expect(describeNetwork("r7k2", "172.30.4.0/24")).toEqual({
    name: "vmesh-r7k2",
    subnet: "172.30.4.0/24",
    gateway: "172.30.4.1",
    bridge: "vm-r7k2",
  });
});

test.for(["", "thirteen-long", "Upper", "a/b"])("`%s` cannot name an interface", (id) => {
  expect(() => describeNetwork(id, "172.30.4.0/24")).toThrow("cannot name a network");
});
