import { expect, test } from "vitest";
import { isRecentEnough } from "./go.ts";

test.each([
  ["go1.26.8", true],
  ["go1.21", true],
  ["go2.0", true],
  ["go1.19.8", false],
  ["go1.9", false],
  ["devel +abcdef", false],
])("Whether %s can follow the toolchain line of a go.mod: %s.", (version, expected) => {
  expect(isRecentEnough(version)).toBe(expected);
});
