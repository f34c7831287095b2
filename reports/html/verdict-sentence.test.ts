import { expect, test } from "vitest";
import type { CaseOutcome, Profile, RunReport } from "../model.ts";
import { sampleCase, sampleReport, sampleStage } from "../sample.ts";
import { verdictSentence } from "./verdict-sentence.ts";

const on = "with Istio 1.31.1 and KubeVirt v1.7.0 (provider lab, 1 node).";
const cases = (...ends: [CaseOutcome, number, Profile?][]) =>
  ends.flatMap(([outcome, count, profile = "core"]) =>
    Array.from({ length: count }, () => sampleCase({ outcome, profile })),
  );
const broken = (phase: "setup" | "teardown") => [sampleStage({ title: "istio", phase, outcome: "failed" })];

test.for<[string, Partial<RunReport>, string]>([
  [
    "all passed",
    { verdict: "conformant", cases: cases(["passed", 3], ["skipped", 2, "extended"]) },
    "Virtual machines work in this mesh: all 3 checks that ran passed,",
  ],
  [
    "one passed at a later try",
    { verdict: "conformant", cases: cases(["passed", 3], ["flaky", 1]) },
    "Virtual machines work in this mesh: all 4 checks that ran passed, 1 of them only at a later try,",
  ],
  [
    "a core check did not run",
    { verdict: "partial", cases: cases(["passed", 1], ["skipped", 1]) },
    "1 core check did not run; the one check that ran passed,",
  ],
  [
    "some failed and one could not be judged",
    { verdict: "failed", cases: cases(["passed", 5], ["failed", 2], ["error", 1]) },
    "2 of 8 checks that ran found the mesh at fault, and 1 could not be judged,",
  ],
  [
    "a flaky check is not accepted",
    { verdict: "failed", cases: cases(["passed", 5], ["flaky", 1]) },
    "1 of 6 checks that ran passed only at a later try, which this run does not accept,",
  ],
  [
    "a stage failed before the checks",
    { verdict: "error", stages: broken("setup"), cases: cases(["skipped", 4]) },
    "Stage `istio` failed, and none of 4 checks was judged,",
  ],
  [
    "a stage failed after them",
    { verdict: "error", stages: broken("teardown"), cases: cases(["passed", 2]) },
    "Stage `istio` failed at the end of the run; all 2 checks that ran passed,",
  ],
  [
    "checks could not be judged",
    { verdict: "error", stages: [], cases: cases(["passed", 2], ["error", 1]) },
    "1 of 3 checks that ran could not be judged,",
  ],
  ["no check ran", { verdict: "error", stages: [], cases: cases(["skipped", 2, "extended"]) }, "No check ran,"],
  [
    "it was interrupted",
    { verdict: "interrupted", cases: cases(["passed", 2], ["skipped", 3]) },
    "The run was ended before it was over, and 2 of 5 checks were judged,",
  ],
  [
    "it has not come to its end",
    { verdict: "interrupted", finished: false, cases: cases(["passed", 2], ["skipped", 3]) },
    "The run goes on, or was killed, and 2 of 5 checks were judged,",
  ],
])("One sentence says that %s, and on what.", ([, change, sentence]) => {
  expect(verdictSentence(sampleReport(change))).toBe(`${sentence} ${on}`);
});

test.for<[string, Partial<RunReport>, string]>([
  [
    "all passed",
    { verdict: "conformant", cases: [sampleCase()] },
    "The one check that ran passed (1 of 3 checks, as selected),",
  ],
  [
    "some failed",
    { verdict: "failed", cases: [sampleCase({ id: "a/a", outcome: "failed" }), sampleCase({ id: "a/b" })] },
    "1 of 2 checks that ran found the mesh at fault (2 of 3 checks, as selected),",
  ],
])("Where not all checks were selected it says no more than that: %s.", ([, change, sentence]) => {
  const selection = { profile: ["extended"], check: ["/a/"] };
  expect(verdictSentence(sampleReport({ catalog: { core: 2, extended: 1 }, selection, ...change }))).toBe(
    `${sentence} ${on}`,
  );
});

test.for<[string, Record<string, string>, string]>([
  ["everything", { kubernetes: "v1", istio: "2", kubevirt: "v3" }, "Istio 2 and KubeVirt v3 on Kubernetes v1"],
  ["a cluster alone", { kubernetes: "v1" }, "Kubernetes v1"],
  ["nothing", {}, "a cluster that told no versions"],
])("Of the versions it names what is known: %s.", ([, versions, words]) => {
  expect(verdictSentence(sampleReport({ versions, nodes: 2 }))).toContain(`, with ${words} (provider lab, 2 nodes).`);
});
