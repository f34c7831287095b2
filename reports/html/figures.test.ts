import { expect, test } from "vitest";
import { bytes, counted, duration, grouped, listed, milliseconds, moment, spreadOf } from "./figures.ts";

test.for([
  [0, "0.0 s"],
  [9.94, "9.9 s"],
  [9.96, "10 s"],
  [59.7, "60 s"],
  [120, "2 min"],
  [123.3, "2 min 3 s"],
  [3599.6, "1 h 0 min"],
  [7325, "2 h 2 min"],
] as const)("%d seconds are said as %s.", ([seconds, words]) => {
  expect(duration(seconds)).toBe(words);
});

test.for([
  [0.04, "0 ms"],
  [1.25, "1.3 ms"],
  [412.4, "412 ms"],
  [1500, "1.50 s"],
  [66_709, "66.7 s"],
] as const)("%d milliseconds are said as %s.", ([ms, words]) => {
  expect(milliseconds(ms)).toBe(words);
});

test("Counts, sizes, lists and moments are said as people read them.", () => {
  expect([bytes(999), bytes(20_480), bytes(1_500_000)]).toEqual(["999 B", "20.5 kB", "1.5 MB"]);
  expect([grouped(1234567), grouped(12)]).toEqual(["1\u2009234\u2009567", "12"]);
  expect([counted(1, "check"), counted(2, "reply", "replies")]).toEqual(["1 check", "2 replies"]);
  expect([listed([]), listed(["a"]), listed(["a", "b", "c"])]).toEqual(["", "a", "a, b and c"]);
  expect([moment("2026-01-02T03:04:05.678Z"), moment("never")]).toEqual(["2026-01-02 03:04:05 UTC", "never"]);
});

test("The spread of values is their quartiles, between two of them where none is in the middle.", () => {
  expect(spreadOf([4, 1, 3, 2])).toEqual({ count: 4, min: 1, lower: 1.75, median: 2.5, upper: 3.25, max: 4 });
  expect(spreadOf([7])).toEqual({ count: 1, min: 7, lower: 7, median: 7, upper: 7, max: 7 });
});
