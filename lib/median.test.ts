import { expect, test } from "vitest";
import { median } from "./median.ts";

test.each([
  [[3], 3],
  [[9, 1, 2], 2],
  [[4, 1, 2, 9], 3],
])("The median of %j is %d.", (samples, expected) => {
  expect(median(samples)).toBe(expected);
});

test("The median of nothing is a mistake.", () => {
  expect(() => median([])).toThrow("no median");
});
