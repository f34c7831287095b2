import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { loadCatalog } from "../lib/catalog.ts";
import type { CheckEntry } from "../lib/check.ts";
import { catalogTable, uncoveredTable, withTable } from "./catalog.ts";
import { loadRows } from "./rows.ts";

const check: CheckEntry = {
  id: "area/name",
  file: "area/name.test.ts",
  suite: "area",
  name: "name",
  title: "A | B.",
  profile: "core",
  tags: ["t"],
  source: "seed",
  rows: ["T1"],
  expectedToFail: true,
  needs: ["istio", "kubevirt"],
  serial: true,
};

test("A check is one row of the table, whatever its sentence holds.", () => {
  expect(catalogTable([check])).toMatchInlineSnapshot(`
    "| check       | what it proves | profile                                               | needs           | rows | source |
    | ----------- | -------------- | ----------------------------------------------------- | --------------- | ---- | ------ |
    | \`area/name\` | A \\| B.        | core, serial, [expected to fail](suites/area/name.md) | istio, kubevirt | T1   | seed   |
    "
  `);
});

test("Only rows without a check, and parts of rows, are outcomes of their own.", () => {
  const rows = [
    { id: "T1", row: "One.", checks: ["area/name"], uncovered: undefined, except: {} },
    { id: "T2", row: "Two.", checks: [], uncovered: "no way", except: {} },
    { id: "T3", row: "Three, four.", checks: ["area/name"], uncovered: undefined, except: { four: "too many" } },
  ];
  const lines = uncoveredTable(rows).split("\n");
  expect(lines.filter((line) => line.includes("| T"))).toEqual([
    expect.stringMatching(/^\| T2 +\| Two\. +\| no way/),
    expect.stringMatching(/^\| T3 +\| four +\| too many/),
  ]);
});

test("A table replaces what is between its markers and nothing else, also the second time.", async () => {
  const before = await readme();
  const changed = withTable(before, "checks", "other\n");
  expect(changed).not.toBe(before);
  expect(withTable(changed, "checks", catalogTable(await loadCatalog()))).toBe(before);
  expect(() => withTable("no markers", "checks", "")).toThrow("The text has no lines");
});

test("The README's tables are up to date; `scripts/vmesh list --markdown README.md` brings them there.", async () => {
  const catalog = await loadCatalog();
  const text = withTable(await readme(), "checks", catalogTable(catalog));
  expect(await readme()).toBe(withTable(text, "uncovered", uncoveredTable(await loadRows(catalog))));
});

function readme(): Promise<string> {
  return readFile(new URL("../README.md", import.meta.url), "utf8");
}
