import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { loadCatalog } from "../lib/catalog.ts";
import type { CheckEntry } from "../lib/check.ts";
import { catalogTable, withCatalog } from "./catalog.ts";

const check: CheckEntry = {
  id: "area/name",
  file: "area/name.test.ts",
  suite: "area",
  name: "name",
  title: "A | B.",
  profile: "core",
  tags: ["t"],
  source: "seed",
  needs: ["istio", "kubevirt"],
  serial: true,
};

test("A check is one row of the table, whatever its sentence holds.", () => {
  expect(catalogTable([check])).toMatchInlineSnapshot(`
    "| check       | what it proves | profile      | needs           | source |
    | ----------- | -------------- | ------------ | --------------- | ------ |
    | \`area/name\` | A \\| B.        | core, serial | istio, kubevirt | seed   |
    "
  `);
});

test("The table replaces what is between the markers and nothing else, also the second time.", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const changed = withCatalog(readme, [check]);
  expect(changed).toContain("| `area/name` |");
  expect(withCatalog(changed, await loadCatalog())).toBe(withCatalog(readme, await loadCatalog()));
  expect(() => withCatalog("no markers", [check])).toThrow("The text has no lines");
});

test("The README lists every check as it is; `scripts/vmesh list --markdown README.md` brings it up to date.", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toBe(withCatalog(readme, await loadCatalog()));
});
