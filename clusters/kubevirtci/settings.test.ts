import { expect, test } from "vitest";
import { parseSettings } from "./settings.ts";

test("Without settings nodes are as kubevirtci itself makes them, with Istio and Multus.", () => {
  expect(parseSettings({})).toMatchObject({
    istio: true,
    cnao: true,
    memory: "5120M",
    cpus: 6,
    deadlines: { up: 3600, ready: 300, down: 300 },
  });
});

test("One deadline may be given without the others.", () => {
  expect(parseSettings({ deadlines: { up: 60 } }).deadlines).toEqual({ up: 60, ready: 300, down: 300 });
});

test.each([
  [{ nodes: 2 }, /nodes/],
  [{ versions: "current" }, /versions/],
  [{ tag: "" }, /tag/],
  [{ provider: "kind-1.34" }, /whose nodes are virtual machines/],
  [{ memory: "5 GB" }, /such as 5120M/],
  [{ images: { workload: "a" } }, /guest/],
  [{ environment: { PATH: "x" } }, /environment/],
  [{ deadlines: { up: 0 } }, /deadlines\.up/],
])("A section with a mistake is a usage error that names it: %j.", (settings, words) => {
  expect(() => parseSettings(settings)).toThrow(
    expect.objectContaining({ kind: "usage", evidence: expect.stringMatching(words) }),
  );
});

test("A variable of kubevirtci's that is a setting has to be one.", () => {
  expect(() => parseSettings({ environment: { KUBEVIRT_MEMORY_SIZE: "1G" } })).toThrow(
    expect.objectContaining({ kind: "usage", hint: "instead of it use `memory`" }),
  );
});
