import { expect, test } from "vitest";
import { exitCodeFor, verdictOf, type RunReport } from "../model.ts";
import { sampleCase, sampleReport, sampleStage } from "../sample.ts";
import { entriesOf } from "./entry.ts";

test("Every entry has a name of its own, also where what is given has not or was told apart by what XML drops", () => {
  const stages = [sampleStage(), sampleStage(), sampleStage({ phase: "teardown" }), sampleStage()];
  const names = ["a", "b\u0000", "b", "b (2)", "b", "c  d", "c d"];
  const cases = names.map((name) => sampleCase({ suite: "x", name }));
  const entries = entriesOf(sampleReport({ stages, cases: [...cases, sampleCase({ suite: "y", name: "a" })] }));
  expect(entries.map(({ suite, name }) => `${suite} ${name}`)).toEqual([
    "vmesh.stages cluster",
    "vmesh.stages cluster (2)",
    "vmesh.stages cluster (teardown)",
    "vmesh.stages cluster (3)",
    "vmesh.stages verdict",
    "vmesh.x a",
    "vmesh.x b",
    "vmesh.x b (2)",
    "vmesh.x b (2) (2)",
    "vmesh.x b (3)",
    "vmesh.x c d",
    "vmesh.x c d (2)",
    "vmesh.y a",
  ]);
});

test("Names do not depend on how a run ended", () => {
  const names = (report: RunReport) => entriesOf(report).map(({ suite, name }) => `${suite} ${name}`);
  const ids = ["a", "b", "c"];
  const cases = (outcome: "passed" | "failed" | "skipped" | "flaky") =>
    ids.map((name) => sampleCase({ name, outcome, failure: { type: "Error", message: outcome } }));
  const expected = names(sampleReport({ cases: cases("passed") }));
  for (const outcome of ["failed", "skipped", "flaky"] as const) {
    expect(names(sampleReport({ cases: cases(outcome), exitCode: 3, failOnFlaky: true }))).toEqual(expected);
  }
});

const passed = sampleCase();
const flaky = sampleCase({ outcome: "flaky", failure: { type: "Error", message: "no" } });
const skipped = sampleCase({ outcome: "skipped" });

test.for([
  ["all checks passed", { cases: [passed] }, []],
  ["a check was flaky", { cases: [flaky] }, []],
  ["a flaky check is red", { cases: [flaky], failOnFlaky: true }, ["declared-port"]],
  ["a check failed", { cases: [passed, sampleCase({ name: "b", outcome: "failed" })] }, ["b"]],
  ["a stage failed", { stages: [sampleStage({ outcome: "failed" })], cases: [skipped] }, ["cluster"]],
  ["every check was skipped", { cases: [skipped] }, ["verdict"]],
  ["a core check was skipped", { cases: [passed, skipped] }, []],
  ["a core check was skipped and all were required", { cases: [passed, skipped], requireAll: true }, ["verdict"]],
  ["nothing ran", { cases: [] }, ["verdict"]],
  ["an interrupt came between stages", { cases: [passed], interruption: "SIGINT" }, ["verdict"]],
] as const)("The file is red exactly where the exit code is: %s", ([, change, red]) => {
  const run = sampleReport({ stages: [sampleStage()], ...change });
  const verdict = verdictOf(run);
  const exitCode = exitCodeFor(verdict, run.requireAll);
  const entries = entriesOf({ ...run, verdict, exitCode });
  const reds = entries.filter(({ outcome }) => outcome === "failed" || outcome === "error");
  expect(reds.map(({ name }) => name)).toEqual(red);
  expect(exitCode !== 0).toBe(reds.length > 0);
});

test("The verdict says why the run is red where nothing else does", () => {
  const report = sampleReport({
    cases: [],
    verdict: "interrupted",
    exitCode: 4,
    interruption: "Interrupted by SIGINT.",
  });
  const verdict = entriesOf(report).find(({ name }) => name === "verdict");
  expect(verdict?.faults[0]?.failure.message).toBe(
    "the run is `interrupted` and ends with exit code 4: Interrupted by SIGINT.",
  );
});
