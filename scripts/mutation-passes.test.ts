import { expect, test } from "vitest";
import { passesOf } from "./mutation-passes.ts";
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
