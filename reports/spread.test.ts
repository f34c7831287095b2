import { expect, test } from "vitest";
import { spreadOf, tendencyOf } from "./spread.ts";

test("A spread has the median, the ends and the number of its samples.", () => {
  expect(spreadOf([5, 1, 9, 2])).toEqual({ median: 3.5, min: 1, max: 9, samples: 4 });
});

test("There is no spread of nothing.", () => {
  expect(() => spreadOf([])).toThrow("no median");
});

test.for([
  ["inside the spread", [100, 120], [119], "same"],
  ["above it by just the margin", [100, 120], [132], "same"],
  ["above it by more", [100, 120], [132.1], "higher"],
  ["above it in the median alone", [100, 120], [90, 133, 150], "higher"],
  ["inside it in the median, with one sample far above", [100, 120], [101, 110, 900], "same"],
  ["below it by less than the margin", [100, 120], [91], "same"],
  ["below it by more", [100, 120], [90.8], "lower"],
  ["above a small number by less than the floor", [1], [5], "same"],
  ["above a small number by more than the floor", [1], [6.1], "higher"],
  ["above nothing", [0], [6], "higher"],
  ["below nothing", [0], [-6], "lower"],
] as const)("With a margin of a tenth and at least 5, a number %s is judged", ([, before, after, tendency]) => {
  expect(tendencyOf(spreadOf(before), spreadOf(after), { threshold: 0.1, floor: 5 })).toBe(tendency);
});

test("What is higher one way is lower the other way.", () => {
  const margin = { threshold: 0.5, floor: 0 };
  const [small, large] = [spreadOf([100]), spreadOf([151])];
  expect(tendencyOf(small, large, margin)).toBe("higher");
  expect(tendencyOf(large, small, margin)).toBe("lower");
});
