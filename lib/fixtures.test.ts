import { expect, test } from "vitest";
import { environmentError, interruptedError, usageError } from "./errors.ts";
import { ExpectationError } from "./expectations.ts";
import { asFailure } from "./fixtures.ts";
import { WaitError } from "./wait.ts";

test("A wait that ended on an unmet expectation is a failure with what was expected and what came.", () => {
  const last = new ExpectationError("x", { expected: "reset", actual: "answered" });
  expect(asFailure(new WaitError("Not true within 1 s: it is reset.", last))).toMatchObject({
    name: "ExpectationError",
    message: "Not true within 1 s: it is reset.",
    expected: "reset",
    actual: "answered",
  });
});

test("A wait that ended on a state of the cluster is a failure, also inside another wait.", () => {
  const inner = new WaitError("inner", new Error("it is Pending"));
  for (const error of [inner, new WaitError("outer", inner)]) {
    expect(asFailure(error)).toMatchObject({
      name: "ExpectationError",
      message: error.message,
      actual: "it is Pending",
    });
  }
});

test.each([
  environmentError("no API"),
  interruptedError("stop"),
  usageError("no such URL"),
  new WaitError("x", environmentError("no API")),
  new WaitError("x", new WaitError("y", environmentError("no API"))),
  new WaitError("x", undefined),
  new TypeError("a mistake"),
])("What is not the product's doing stays what it is: %s", (error) => {
  expect(asFailure(error)).toBe(error);
});
