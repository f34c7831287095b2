import { expect, test } from "vitest";
import type { RunReport } from "./model.ts";
import { sampleReport } from "./sample.ts";
import { shardsOf } from "./shards.ts";

const run = (runId: string, shard?: string, change: Partial<RunReport> = {}) => ({
  report: sampleReport({ runId, selection: shard === undefined ? {} : { shard: [shard] }, ...change }),
});

test("Shards are named and ordered by their part, other runs by their place", () => {
  const named = (runs: ReturnType<typeof run>[]) =>
    shardsOf(runs).map(({ name, subfolder, report }) => [report.runId, name, subfolder]);
  expect(named([run("b", "2/2"), run("a", "1/2")])).toEqual([
    ["a", "shard 1/2", "shard-1"],
    ["b", "shard 2/2", "shard-2"],
  ]);
  expect(named([run("b"), run("a")])).toEqual([
    ["b", "shard 1", "shard-1"],
    ["a", "shard 2", "shard-2"],
  ]);
});

test.for([
  ["the same run twice", [run("a", "1/2"), run("a", "1/2")], "The run `a` is given twice."],
  ["a shard too few", [run("a", "1/3"), run("c", "3/3")], "The shards are not whole: 2/3 is missing."],
  [
    "one shard in two runs",
    [run("a", "1/2"), run("b", "1/2"), run("c", "1/2")],
    "The shards are not whole: 2/2 is missing, 1/2 is there 3 times.",
  ],
  ["different cuts", [run("a", "1/2"), run("b", "2/3")], "were not cut into the same number of shards."],
  ["a shard and a whole run", [run("a", "1/2"), run("b")], "were not cut into the same number of shards."],
  ["a part that is none", [run("a", "3/2")], "The run `a` is the shard `3/2`, expected one like `2/3`."],
  ["a word for a part", [run("a", "first")], "The run `a` is the shard `first`, expected one like `2/3`."],
] as const)("It is a usage error to merge %s", ([, runs, message]) => {
  expect(() => shardsOf([...runs])).toThrow(
    expect.objectContaining({ kind: "usage", message: expect.stringContaining(message) }),
  );
});

test.for([
  [
    "another version",
    { versions: { istio: "1.30.0", kubevirt: "v1.7.0" } },
    "version of istio: 1.31.1 in shard 1; 1.30.0 in shard 2",
  ],
  ["a component less", { versions: { istio: "1.31.1" } }, "version of kubevirt: v1.7.0 in shard 1; none in shard 2"],
  ["another commit", { commit: "a1b2c3-dirty" }, "commit of vmesh: none in shard 1; a1b2c3-dirty in shard 2"],
  ["another vmesh", { vmesh: "9" }, "vmesh: 0.1.0 in shard 1; 9 in shard 2"],
  ["another provider", { provider: "kubeconfig" }, "provider: lab in shard 1; kubeconfig in shard 2"],
  ["other nodes", { nodes: 2 }, "nodes: 1 in shard 1; 2 in shard 2"],
  ["another seed", { seed: 8 }, "seed: 7 in shard 1; 8 in shard 2"],
  ["other demands", { requireAll: true }, "--require-all: not given in shard 1; given in shard 2"],
  ["another view of flaky", { failOnFlaky: true }, "--fail-on-flaky: not given in shard 1; given in shard 2"],
] as const)("Runs with %s are refused, with what differs", ([, change, evidence]) => {
  expect(() => shardsOf([run("a"), run("b", undefined, change)])).toThrow(
    expect.objectContaining({ kind: "usage", evidence }),
  );
});

test("Every version of three shards is told with who has it", () => {
  const old = { versions: { istio: "1.30.0" } };
  const runs = [run("a", "1/3", old), run("b", "2/3", { versions: { istio: "1.31.1" } }), run("c", "3/3", old)];
  expect(() => shardsOf(runs)).toThrow(
    expect.objectContaining({ evidence: "version of istio: 1.30.0 in shard 1/3, shard 3/3; 1.31.1 in shard 2/3" }),
  );
});

test("A shard that broke before it knew its versions is one all the same, unless it knows others", () => {
  const broke = { verdict: "error", versions: {} } as const;
  expect(shardsOf([run("a"), run("b", undefined, broke)])).toHaveLength(2);
  const other = { ...broke, versions: { istio: "1.30.0" } };
  expect(() => shardsOf([run("a"), run("b", undefined, other)])).toThrow("no shards of one run");
});
