import { expect, test } from "vitest";
import type { RunReport } from "./model.ts";
import { sampleCase, sampleReport, sampleStage } from "./sample.ts";
import type { Statement } from "./statement-schema.ts";
import { statement } from "./statement.ts";

function told(change: Partial<RunReport> = {}): Statement {
  return JSON.parse(statement(sampleReport(change))) as Statement;
}

const passed = sampleCase();
const flaky = sampleCase({ outcome: "flaky", failure: { type: "Error", message: "reset\nonce" } });
const failed = sampleCase({ outcome: "failed" });
const error = sampleCase({ outcome: "error" });
const skipped = sampleCase({ outcome: "skipped", reason: "needs `multus`: there is none" });

test("A statement begins with what a release manager asks and ends with everything else", () => {
  const keys = Object.keys(told());
  expect(keys.slice(0, 13)).toEqual([
    "$schema",
    "apiVersion",
    "kind",
    "verdict",
    "exitCode",
    "finished",
    "brokenStages",
    "implementation",
    "vmesh",
    "provider",
    "nodes",
    "counts",
    "profiles",
  ]);
  expect(keys.slice(-2)).toEqual(["stages", "cases"]);
});

test("It holds every fact of the report", () => {
  const report = sampleReport();
  expect(told()).toMatchObject(JSON.parse(JSON.stringify(report)) as object);
});

test("Istio and KubeVirt come first among what was tested", () => {
  const { implementation } = told({ versions: { multus: "4", containerd: "2", kubevirt: "v1", istio: "1.31.1" } });
  expect(implementation.map(({ name, version }) => `${name} ${version}`)).toEqual([
    "istio 1.31.1",
    "kubevirt v1",
    "containerd 2",
    "multus 4",
  ]);
});

test.for([
  ["passed", [passed, passed], false],
  ["passed", [passed, flaky], false],
  ["failed", [passed, flaky], true],
  ["failed", [failed, error, skipped], false],
  ["error", [passed, error, skipped], false],
  ["partial", [passed, skipped], false],
  ["partial", [flaky, skipped], false],
  ["skipped", [skipped, skipped], false],
  ["none", [{ ...failed, profile: "extended" as const }], false],
] as const)("The core profile is `%s` for cases %#", ([result, cases, failOnFlaky]) => {
  expect(told({ cases, failOnFlaky }).profiles.core.result).toBe(result);
});

test("A profile tells how many checks it has, selected or not, where the run knew it", () => {
  expect(told({ catalog: { core: 80, extended: 41 } }).profiles).toMatchObject({
    core: { of: 80 },
    extended: { of: 41 },
  });
  expect(told().profiles.core).not.toHaveProperty("of");
});

test("A feature that is missing tells why and which checks it cost", () => {
  const cases = [
    sampleCase({ id: "a/both", outcome: "skipped", needs: ["multus", "two-nodes"] }),
    sampleCase({ id: "a/one", outcome: "skipped", needs: ["two-nodes", "istio"] }),
    sampleCase({ id: "a/interrupted", outcome: "skipped", needs: ["istio"] }),
    sampleCase({ id: "a/passed", needs: ["istio"] }),
  ];
  const capabilities = {
    istio: true,
    multus: "no CRD",
    "two-nodes": "one node",
    "live-migration": "one node",
  } as const;
  expect(told({ cases, capabilities }).features).toEqual({
    supported: ["istio"],
    unsupported: [
      { name: "multus", reason: "no CRD", checks: ["a/both"] },
      { name: "two-nodes", reason: "one node", checks: ["a/both", "a/one"] },
      { name: "live-migration", reason: "one node", checks: [] },
    ],
  });
});

test("Failed, flaky and skipped checks are listed, each with the first line of its reason", () => {
  const long = sampleCase({ outcome: "error", failure: { type: "Error", message: "x".repeat(600) } });
  const statement = told({ cases: [passed, failed, long, flaky, skipped] });
  const reasons = (list: Statement["failed"]) => list.map(({ outcome, reason }) => `${outcome}: ${reason}`);
  expect(reasons(statement.failed)).toEqual(["failed: no reason was recorded", `error: ${"x".repeat(500)}…`]);
  expect(reasons(statement.flaky)).toEqual(["flaky: reset"]);
  expect(reasons(statement.skipped)).toEqual(["skipped: needs `multus`: there is none"]);
});

test("Stages that did not pass are listed, an interrupted one without an error, too", () => {
  const message = "No image.\nTo mend it: build it";
  const stages = [
    sampleStage(),
    sampleStage({ title: "components", outcome: "failed", error: { type: "Error", message } }),
    sampleStage({ title: "cluster", phase: "teardown", outcome: "interrupted" }),
  ];
  expect(told({ stages }).brokenStages).toEqual([
    { title: "components", phase: "setup", reason: "No image." },
    { title: "cluster", phase: "teardown", reason: "interrupted" },
  ]);
});

test("The end is the start and the seconds between them", () => {
  expect(told()).toMatchObject({ startedAt: "2026-01-02T03:04:05.000Z", endedAt: "2026-01-02T03:05:35.500Z" });
});
