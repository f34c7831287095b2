import { expect, test } from "vitest";
import { merge } from "./merge.ts";
import type { RunReport } from "./model.ts";
import { sampleCase, sampleReport, sampleStage } from "./sample.ts";
import { selectedInWords } from "./selected.ts";
import { shardsOf } from "./shards.ts";

/** The shards of a run, each with what is special about it. */
function merged(...changes: Partial<RunReport>[]): RunReport {
  const runs = changes.map((change, index) => {
    const shard = [`${index + 1}/${changes.length}`];
    const reproduce = `scripts/vmesh run --profile core --shard ${shard} --seed 7`;
    const selection = { profile: ["core"], tag: [], shard };
    const own = {
      runId: `run-${index + 1}`,
      clusterId: `vmesh-${index + 1}`,
      selection,
      reproduce,
      stages: [],
      cases: [],
    };
    return { report: sampleReport({ ...own, verdict: "conformant", exitCode: 0, ...change }) };
  });
  return merge(shardsOf(runs));
}

const passed = (id: string) => sampleCase({ id });
const failed = (id: string) => sampleCase({ id, outcome: "failed" });

test("The merged report is that of the run had it not been cut", () => {
  const report = merged({ cases: [passed("b/2"), passed("a/1")] }, { cases: [passed("a/2")] });
  expect(report).toMatchObject({
    runId: "run-1-merged",
    clusterId: "vmesh-1, vmesh-2",
    provider: "lab",
    seed: 7,
    selection: { profile: ["core"], tag: [] },
    reproduce: "scripts/vmesh run --profile core --seed 7",
    versions: { istio: "1.31.1", kubevirt: "v1.7.0" },
    finished: true,
    verdict: "conformant",
    exitCode: 0,
  });
  expect(report.selection).not.toHaveProperty("shard");
  expect(report.cases.map(({ id }) => id)).toEqual(["a/1", "a/2", "b/2"]);
});

test("Parts of a run are all of it when they are merged", () => {
  const catalog = { core: 2, extended: 1 };
  const [one, other] = [
    { catalog, cases: [passed("a/1")] },
    { catalog, cases: [passed("a/2")] },
  ];
  expect(selectedInWords(sampleReport({ ...one, selection: { profile: ["core"] } }))).toMatch("1 of 2 checks");
  const report = merged(one, other);
  expect([report.catalog, selectedInWords(report)]).toEqual([catalog, undefined]);
});

test("Shards of one commit are merged, and the whole is of that commit", () => {
  expect(merged({ commit: "a1b2c3" }, { commit: "a1b2c3" }).commit).toBe("a1b2c3");
});

test("It lasts from the first start to the last end", () => {
  const { startedAt, seconds } = merged(
    { startedAt: "2026-01-02T03:10:00.000Z", seconds: 30 },
    { startedAt: "2026-01-02T03:04:00.000Z", seconds: 100 },
  );
  expect([startedAt, seconds]).toEqual(["2026-01-02T03:04:00.000Z", 390]);
});

test("Stages tell whose they are", () => {
  const { stages } = merged({ stages: [sampleStage()] }, { stages: [sampleStage({ seconds: 9 })] });
  expect(stages.map(({ title, seconds }) => [title, seconds])).toEqual([
    ["shard 1/2: cluster", 42],
    ["shard 2/2: cluster", 9],
  ]);
});

test.for([
  ["conformant", 0, {}, {}],
  ["failed", 1, { cases: [failed("a/1")] }, {}],
  ["error", 3, { stages: [sampleStage({ outcome: "failed" })], verdict: "error" }, {}],
  ["interrupted", 4, { interruption: "SIGINT", verdict: "interrupted" }, {}],
  ["interrupted", 4, { finished: false }, {}],
  ["partial", 0, { cases: [sampleCase({ id: "a/1", outcome: "skipped" })], verdict: "error" }, {}],
  ["partial", 5, { cases: [sampleCase({ id: "a/1", outcome: "skipped" })], requireAll: true }, { requireAll: true }],
  ["failed", 1, { cases: [sampleCase({ id: "a/1", outcome: "flaky" })], failOnFlaky: true }, { failOnFlaky: true }],
] as const)("The verdict is that of all shards: %s, exit code %i", ([verdict, exitCode, change, other]) => {
  expect(merged({ ...other, cases: [passed("b/1")] }, change)).toMatchObject({ verdict, exitCode });
});

test("What ended a shard early is told with its name", () => {
  const { interruption } = merged({ interruption: "SIGINT" }, {}, { finished: false });
  expect(interruption).toBe("shard 1/3: SIGINT; shard 3/3: the run has not ended");
});

test("Evidence is looked for in the folder of its shard, that of tries, too", () => {
  const tries = [{ repetition: 1, attempt: 1, outcome: "failed", seconds: 1, attachments: ["x.txt"] }] as const;
  const { cases } = merged({}, { cases: [sampleCase({ attachments: ["x.txt", "y.txt"], tries })] });
  expect(cases).toMatchObject([
    { attachments: ["shard-2/x.txt", "shard-2/y.txt"], tries: [{ attachments: ["shard-2/x.txt"] }] },
  ]);
});

test("Evidence of a stage is found in the folder of its shard, too", () => {
  const { stages } = merged({ stages: [sampleStage()] }, { stages: [sampleStage({ attachments: ["x.txt"] })] });
  expect(stages.map(({ attachments }) => attachments)).toEqual([undefined, ["shard-2/x.txt"]]);
});

test.for([
  ["that ended differently", passed("a/1"), failed("a/1")],
  ["that ended alike", passed("a/1"), passed("a/1")],
] as const)("A check in two shards %s is a usage error", ([, one, other]) => {
  expect(() => merged({ cases: [one] }, { cases: [passed("b/1")] }, { cases: [other] })).toThrow(
    expect.objectContaining({
      kind: "usage",
      message: "A check is in more than one shard.",
      evidence: "a/1: shard 1/3, shard 3/3",
    }),
  );
});

test("Of many checks in two shards the first are told", () => {
  const cases = Array.from({ length: 12 }, (_, index) => passed(`a/${index}`));
  expect(() => merged({ cases }, { cases })).toThrow(
    expect.objectContaining({
      message: "12 checks are in more than one shard.",
      evidence: expect.stringMatching(/^a\/9: shard 1\/2, shard 2\/2\nand 2 more$/m),
    }),
  );
});

test("Errors outside of every check are numbered anew, at the end", () => {
  const stray = (message: string) =>
    sampleCase({
      id: "vmesh/unhandled-error-1",
      suite: "vmesh",
      name: "unhandled-error-1",
      outcome: "error",
      failure: { type: "Error", message },
    });
  const { cases } = merged({ cases: [stray("one")] }, { cases: [stray("two"), passed("z/1")] });
  expect(cases.map(({ id, name, failure }) => [id, name, failure?.message])).toEqual([
    ["z/1", "declared-port", undefined],
    ["vmesh/unhandled-error-1", "unhandled-error-1", "one"],
    ["vmesh/unhandled-error-2", "unhandled-error-2", "two"],
  ]);
});

test("A capability is there if every cluster has it", () => {
  const { capabilities } = merged(
    { capabilities: { istio: true, multus: true, "two-nodes": "one node" } },
    { capabilities: { istio: true, multus: "no CRD", "two-nodes": "one node" } },
    { capabilities: {} },
  );
  expect(capabilities).toEqual({ istio: true, multus: "shard 2/3: no CRD", "two-nodes": "shard 1/3: one node" });
});

test("Facts of different machines stand beside each other", () => {
  const { host } = merged({ host: { cpus: 2, node: "v24" } }, { host: { cpus: 4, node: "v24" } });
  expect(host).toEqual({ cpus: "2 and 4", node: "v24" });
});

test("Runs that were cut by hand are asked for all they were asked for, and repeated one after the other", () => {
  const run = (runId: string, suite: string[]) => {
    const reproduce = `scripts/vmesh run --suite ${suite}`;
    return { report: sampleReport({ runId, selection: { suite, tag: [] }, reproduce, cases: [passed(`${suite}/x`)] }) };
  };
  const { selection, reproduce } = merge(shardsOf([run("1", ["dns"]), run("2", ["strict"])]));
  expect(selection).toEqual({ suite: ["dns", "strict"], tag: [] });
  expect(reproduce).toBe("scripts/vmesh run --suite dns && scripts/vmesh run --suite strict");
});

test("Where one shard was asked for everything, so is the whole", () => {
  const run = (runId: string, suite: string[]) => ({
    report: sampleReport({ runId, selection: { suite }, cases: [] }),
  });
  expect(merge(shardsOf([run("1", ["dns"]), run("2", [])])).selection).toEqual({ suite: [] });
});

test("Nothing cannot be merged", () => {
  expect(() => merge([])).toThrow("There is nothing to merge.");
});
