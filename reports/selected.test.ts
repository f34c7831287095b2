import { expect, test } from "vitest";
import { sampleCase } from "./sample.ts";
import { selectedInWords } from "./selected.ts";

const catalog = { core: 2, extended: 1 };
const cases = (...ids: string[]) => ids.map((id) => sampleCase({ id }));

test.for([
  ["a part of the core checks", "core", cases("a/1"), "1 of 2 checks, as selected"],
  ["all core checks", "core", cases("a/1", "a/2"), undefined],
  ["the core checks of all", "extended", cases("a/1", "a/2"), "2 of 3 checks, as selected"],
  ["all of them", "extended", cases("a/1", "a/2", "b/1"), undefined],
  [
    "what is no check of its own",
    "core",
    cases("a/1", "a/1#2", "a/1#around", "vmesh/unhandled-error-1"),
    "1 of 2 checks, as selected",
  ],
] as const)("A run is told to be a part of its profile: %s.", ([, profile, some, words]) => {
  expect(selectedInWords({ catalog, selection: { profile: [profile] }, cases: some })).toBe(words);
});

test("A report that does not tell how many checks there are says nothing of it.", () => {
  expect(selectedInWords({ selection: { profile: ["core"] }, cases: [] })).toBeUndefined();
});
