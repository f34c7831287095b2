import { expect, test } from "vitest";
import type { EndedCase } from "../journal.ts";
import type { CaseReport, TryOutcome } from "../model.ts";
import { sampleCase } from "../sample.ts";
import { decide } from "../tries.ts";
import { faultsOf } from "./faults.ts";

/** The check that comes of tries told as `repetition/attempt outcome`, each red one with a message that names it. */
function check(words: readonly string[]): CaseReport {
  const ended = words.map((word): EndedCase => {
    const [, repetition, attempt, outcome = "passed"] = /^(\d)\/(\d) (\w+)$/.exec(word) ?? [];
    const red = outcome === "failed" || outcome === "error";
    return {
      id: "a/x",
      title: "",
      seconds: 1,
      properties: {},
      attachments: [],
      repetition: Number(repetition),
      attempt: Number(attempt),
      outcome: outcome as TryOutcome,
      ...(red && { failure: { type: "Error", message: word } }),
    };
  });
  const { outcome, failure, tries } = decide(ended);
  return sampleCase({ outcome, failure, tries });
}

function told(words: readonly string[], failOnFlaky = false): string[] {
  return faultsOf(check(words), failOnFlaky).map(({ element, failure }) => `${element}: ${failure.message}`);
}

test.for([
  ["a pass", ["1/1 passed"], []],
  ["a skip", ["1/1 skipped"], []],
  ["a failure", ["1/1 failed"], ["failure: 1/1 failed"]],
  ["an error", ["1/1 error"], ["error: 1/1 error"]],
  ["a failure after another", ["1/1 failed", "1/2 failed"], ["failure: 1/2 failed", "rerunFailure: 1/1 failed"]],
  ["a failure after an error", ["1/1 error", "1/2 failed"], ["failure: 1/2 failed", "rerunError: 1/1 error"]],
  ["an error after a failure", ["1/1 failed", "1/2 error"], ["error: 1/2 error", "rerunFailure: 1/1 failed"]],
  ["a pass after a failure", ["1/1 failed", "1/2 passed"], ["flakyFailure: 1/1 failed"]],
  [
    "a pass after both",
    ["1/1 failed", "1/2 error", "1/3 passed"],
    ["flakyFailure: 1/1 failed", "flakyError: 1/2 error"],
  ],
  [
    "two flaky repetitions",
    ["1/1 failed", "1/2 passed", "2/1 passed", "3/1 error", "3/2 passed"],
    ["flakyFailure: 1/1 failed", "flakyError: 3/1 error"],
  ],
  ["green repetitions", ["1/1 passed", "2/1 passed"], []],
  [
    "a red repetition after a flaky one",
    ["1/1 failed", "1/2 passed", "2/1 failed", "2/2 failed"],
    ["failure: 2/2 failed", "rerunFailure: 2/1 failed"],
  ],
  [
    "two red repetitions",
    ["1/1 error", "1/2 failed", "2/1 failed", "2/2 failed"],
    ["failure: 2/2 failed", "rerunFailure: 2/1 failed"],
  ],
  [
    "a failed repetition before one with an error",
    ["1/1 error", "1/2 failed", "2/1 error", "2/2 error"],
    ["failure: 1/2 failed", "rerunError: 1/1 error"],
  ],
] as const)("The tries of %s are told by Surefire's elements", ([, words, expected]) => {
  expect(told(words)).toEqual(expected);
});

test("Where no check may be flaky it has failed, says why, and its red tries are reruns", () => {
  expect(told(["1/1 error", "1/2 passed"], true)).toEqual([
    "failure: flaky, which `--fail-on-flaky` counts as failed; it passed after: 1/1 error",
    "rerunError: 1/1 error",
  ]);
  expect(told(["1/1 passed"], true)).toEqual([]);
});

test.for([
  [["1/1 failed", "1/2 failed"], undefined],
  [["1/1 failed", "2/1 passed", "3/1 error", "3/2 failed"], "red in 2 of 3 repetitions: 1, 3"],
] as const)("The end of a case with the tries %j has the note %j", ([words, note]) => {
  expect(faultsOf(check(words), false)[0]?.note).toBe(note);
});

test("A red case that says nothing has a type and a message", () => {
  expect(faultsOf(sampleCase({ outcome: "error" }), false)).toEqual([
    { element: "error", failure: { type: "Error", message: "no message" } },
  ]);
});
