import { describe, expect, test } from "vitest";
import { countsOf, exitCodeFor, verdictOf } from "./model.ts";
import { sampleCase, sampleStage } from "./sample.ts";

const passed = sampleCase();
const failed = sampleCase({ outcome: "failed" });
const flaky = sampleCase({ outcome: "flaky" });
const error = sampleCase({ outcome: "error" });
const skippedCore = sampleCase({ outcome: "skipped", profile: "core" });
const skippedExtended = sampleCase({ outcome: "skipped", profile: "extended" });
const ready = sampleStage();
const broken = sampleStage({ outcome: "failed" });
const brokenTeardown = sampleStage({ outcome: "failed", phase: "teardown" });
const interrupted = sampleStage({ outcome: "interrupted" });

describe("the verdict of a run", () => {
  test.for([
    ["every check passed", [ready], [passed, passed], "conformant"],
    ["only an extended check was skipped", [ready], [passed, skippedExtended], "conformant"],
    ["a core check was skipped", [ready], [passed, skippedCore], "partial"],
    ["a check was flaky", [ready], [passed, flaky], "conformant"],
    ["every check was flaky", [ready], [flaky], "conformant"],
    ["a check failed", [ready], [passed, failed, skippedCore], "failed"],
    ["one check failed and one had an error", [ready], [failed, error], "failed"],
    ["a check had an error", [ready], [passed, error], "error"],
    ["a stage failed", [broken], [skippedCore], "error"],
    ["a stage failed after a check had failed", [ready, broken], [failed], "error"],
    ["only the teardown failed", [ready, brokenTeardown], [passed], "error"],
    ["a check failed and the teardown too", [brokenTeardown], [failed], "failed"],
    ["every check was skipped", [ready], [skippedCore, skippedExtended], "error"],
    ["no check ran", [ready], [], "error"],
    ["a stage was interrupted", [interrupted], [passed, failed], "interrupted"],
  ] as const)("when %s", ([, stages, cases, verdict]) => {
    expect(verdictOf({ stages, cases, interruption: undefined, failOnFlaky: false })).toBe(verdict);
  });

  test("is `failed` for a flaky check where none may be", () => {
    const run = { stages: [ready], cases: [passed, flaky], interruption: undefined, failOnFlaky: true };
    expect(verdictOf(run)).toBe("failed");
  });

  test("is `interrupted` whenever something ended the run early", () => {
    expect(verdictOf({ stages: [broken], cases: [passed], interruption: "SIGINT", failOnFlaky: false })).toBe(
      "interrupted",
    );
  });
});

test.for([
  ["conformant", false, 0],
  ["conformant", true, 0],
  ["partial", false, 0],
  ["partial", true, 5],
  ["failed", true, 1],
  ["error", false, 3],
  ["interrupted", false, 4],
] as const)("verdict %s with --require-all %s ends with exit code %i", ([verdict, requireAll, code]) => {
  expect(exitCodeFor(verdict, requireAll)).toBe(code);
});

test("Errors and broken stages count as failed", () => {
  const cases = [passed, flaky, failed, error, skippedCore];
  const stages = [ready, broken, brokenTeardown];
  expect(countsOf({ cases, stages, failOnFlaky: true })).toEqual({ passed: 1, failed: 5, skipped: 1 });
  expect(countsOf({ cases, stages, failOnFlaky: false })).toEqual({
    passed: 2,
    failed: 4,
    skipped: 1,
  });
});
