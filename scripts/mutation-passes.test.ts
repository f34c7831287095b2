import { expect, test } from "vitest";
import { byTargets, passesOf } from "./mutation-passes.ts";
import type { Mutation } from "./mutations/mutation.ts";

const mutation = (name: string, checks: string, alone?: true): Mutation => ({
  name,
  sentence: "It is broken.",
  kills: Object.fromEntries([...checks].map((check) => [check, /x/])),
  start: async () => async () => undefined,
  ...(alone && { alone }),
});
const names = (passes: Mutation[][]) => passes.map((pass) => pass.map(({ name }) => name).join("+"));

test("Mutations that kill different checks share a pass, those with a check in common do not.", () => {
  expect(names(passesOf([mutation("one", "c"), mutation("two", "ab"), mutation("three", "bcd")]))).toEqual([
    "three",
    "two+one",
  ]);
});

test("A mutation of the whole mesh has a pass of its own.", () => {
  expect(names(passesOf([mutation("wide", "a", true), mutation("one", "b"), mutation("two", "c")]))).toEqual([
    "wide",
    "one+two",
  ]);
});

test("A mutation is left out where none of its checks ran.", () => {
  const [both, ran, skipped] = [mutation("both", "ab"), mutation("ran", "a"), mutation("skipped", "b")];
  expect(byTargets([both, ran, skipped], ["a", "c"])).toEqual({ some: [both, ran], none: [skipped] });
  expect(byTargets([], ["a"])).toEqual({ some: [], none: [] });
});
