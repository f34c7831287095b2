import { expect, test } from "vitest";
import { environmentError } from "../lib/errors.ts";
import { failureInWords, failureOf, judgedOf } from "./failure.ts";

test("A harness error keeps its sentence, evidence, mend and causes, and its stack only the frames", () => {
  const cause = new Error("connection refused");
  const failure = failureOf(environmentError("istiod is not ready.", { evidence: "a\nb", hint: "look", cause }));
  expect(failure).toMatchObject({
    type: "HarnessError",
    message: "istiod is not ready.\n  | a\n  | b\nTo mend it: look\nCaused by: connection refused",
    stack: expect.stringMatching(/^ +at /),
  });
});

test("An error from another process, a plain object by then, reads the same", () => {
  const cause = { message: "connection refused" };
  const sent = {
    name: "HarnessError",
    message: "No answer.",
    evidence: "503",
    hint: "look",
    cause,
    stack: "no frames",
  };
  expect(failureOf(sent)).toEqual({
    type: "HarnessError",
    message: "No answer.\n  | 503\nTo mend it: look\nCaused by: connection refused",
    stack: undefined,
    expected: undefined,
    actual: undefined,
  });
});

test.for([
  ["a string", "boom", "boom"],
  ["nothing", undefined, "undefined"],
  ["an object without a message", { code: 7 }, '{"code":7}'],
  ["colours", new Error("\u001B[31mred\u001B[0m"), "red"],
] as const)("What was thrown may be %s", ([, thrown, message]) => {
  expect(failureOf(thrown).message).toBe(message);
});

test("Expected and actual values become text", () => {
  const failure = failureOf(Object.assign(new Error("no"), { expected: { status: 200 }, actual: "reset" }));
  expect(failure).toMatchObject({ expected: '{"status":200}', actual: "reset" });
});

test.for([
  ["a line end", "inactive", "inactive\n", '"inactive"', '"inactive\\n"'],
  ["how lines end", "a\r\nb", "a\nb", '"a\\r\\nb"', '"a\\nb"'],
  ["a space that does not break", "a b", "a\u00a0b", '"a b"', '"a\\u00a0b"'],
  ["a word", "200 ok", "200\nno", "200 ok", "200\nno"],
  ["nothing", "a\n", "a\n", "a\n", "a\n"],
] as const)("Texts that %s tells apart are shown so that it is seen", ([, expected, actual, ...shown]) => {
  expect(Object.values(judgedOf({ expected, actual }))).toEqual(shown);
});

test("What only came, or was only expected, is shown as it is", () => {
  expect(judgedOf({ actual: "a\n" })).toEqual({ actual: "a\n" });
  expect(judgedOf({ expected: "a\n" })).toEqual({ expected: "a\n" });
});

test("In words a line end too much is seen", () => {
  expect(failureInWords({ type: "E", message: "no", expected: "a", actual: "a\n" })).toBe(
    'no\nexpected: "a"\ngot: "a\\n"',
  );
});
