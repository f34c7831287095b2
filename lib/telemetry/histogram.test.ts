import { expect, test } from "vitest";
import { countUpTo, histogramOf } from "./histogram.ts";

const buckets = (counts: Record<string, number>) =>
  Object.entries(counts).map(([le, value]) => ({ labels: { le }, value }));

test("Buckets come in the order of their bounds, and the mean is the sum's part.", () => {
  const histogram = histogramOf(buckets({ "+Inf": 27, "0.5": 13, "1000": 26, "5": 16 }), 5044.98, 27);
  expect(histogram.buckets.map(({ atMost }) => atMost)).toEqual([0.5, 5, 1000, Number.POSITIVE_INFINITY]);
  expect(histogram.mean).toBeCloseTo(186.85, 2);
  expect(countUpTo(histogram, 5)).toBe(16);
  expect(countUpTo(histogram, 6)).toBe(26);
  expect(countUpTo(histogram, 5000)).toBe(27);
});

test.each([
  ["there is none", {}, 0, "there is no histogram"],
  [
    "the last bucket does not hold all",
    { "1": 2, "+Inf": 3 },
    4,
    "its last bucket is 3 of at most Infinity, expected all 4",
  ],
  ["there is no last bucket", { "1": 2, "5": 4 }, 4, "its last bucket is 4 of at most 5, expected all 4"],
  ["a bucket holds fewer than one below it", { "1": 3, "5": 2, "+Inf": 4 }, 4, "its bucket of at most 5 holds fewer"],
])("It is an error if %s.", (_, counts, count, message) => {
  expect(() => histogramOf(buckets(counts as Record<string, number>), 1, count)).toThrow(message);
});
