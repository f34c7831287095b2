import { expect, test } from "vitest";
import { describeError, environmentError, exitCodeOf, exitCodes, interruptedError, usageError } from "./errors.ts";

test.each([
  [usageError("x"), exitCodes.usage],
  [environmentError("x"), exitCodes.environment],
  [interruptedError("x"), exitCodes.interrupted],
  [new Error("x"), exitCodes.environment],
  ["x", exitCodes.environment],
])("The exit code of %s is the one of its kind.", (error, expected) => {
  expect(exitCodeOf(error)).toBe(expected);
});

test("An error is told with evidence, mend and causes, in this order.", () => {
  const cause = environmentError("The disk is full.", { evidence: "df: 100 %\n" });
  const error = environmentError("The cluster does not start.", {
    evidence: "one\ntwo",
    hint: "free some space",
    cause,
  });
  expect(describeError(error)).toBe(
    [
      "The cluster does not start.",
      "  | one",
      "  | two",
      "To mend it: free some space",
      "Caused by: The disk is full.",
      "  | df: 100 %",
    ].join("\n"),
  );
});

test("What is no error is told as it is.", () => {
  expect(describeError("text")).toBe("text");
});
