import { expect, test } from "vitest";
import { environmentError } from "../../lib/errors.ts";
import { failureOf } from "../failure.ts";
import { eventually } from "../../lib/wait.ts";
import { chain, chainOf } from "./message.ts";
import { textOf } from "./markup.ts";

test("An error's sentence, its evidence, its mend and its causes are told apart.", () => {
  const cause = new Error("connect ECONNREFUSED");
  const options = { evidence: "line one\nline two", hint: "start it", cause };
  expect(chainOf(failureOf(environmentError("No cluster answers.", options)).message)).toEqual([
    { sentence: "No cluster answers.", evidence: "line one\nline two", mend: "start it" },
    { sentence: "connect ECONNREFUSED" },
  ]);
});

test("Of a wait that ended, what was seen last is told by itself, and the cause that says it again is left out.", async () => {
  const waiting = eventually({ what: "pod `a` is Ready", budgetMs: 20, intervalMs: 5 }, async () => {
    throw new Error("it is Pending");
  });
  const { message } = failureOf(await waiting.catch((error: unknown) => error));
  expect(message).toContain("Caused by: it is Pending");
  expect(chainOf(message)).toEqual([{ sentence: "Not true within 0.02 s: pod `a` is Ready.", last: "it is Pending" }]);
});

test("A message of several lines stays whole.", () => {
  expect(chainOf("expected 1\nto be 2")).toEqual([{ sentence: "expected 1\nto be 2" }]);
});

test("A cause with words of its own stands below what it caused.", () => {
  expect(textOf(chain("It `broke`.\nCaused by: a <cable>"))).toMatch(
    /<ol class="chain">.*It <code>broke<\/code>\..*Caused by.*a &lt;cable&gt;.*<\/ol>/s,
  );
});
