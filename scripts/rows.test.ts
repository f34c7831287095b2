import { expect, test } from "vitest";
import { loadCatalog } from "../lib/catalog.ts";
import { loadRows } from "./rows.ts";

test("Every row of the feature table has a check or a reason, and every check names rows that are there.", async () => {
  const rows = await loadRows(await loadCatalog());
  expect(rows.length).toBeGreaterThan(40);
  expect(rows.find(({ id }) => id === "V1")?.checks).toContain("enrolment/annotated-vmi");
});

test("A check that names an unknown row is told, and so is a row that lost its check.", async () => {
  const catalog = (await loadCatalog()).map((entry) =>
    entry.id === "vmi-to-vmi/across-nodes" ? { ...entry, rows: ["Z9"] } : entry,
  );
  await expect(loadRows(catalog)).rejects.toMatchObject({
    evidence: "vmi-to-vmi/across-nodes names Z9\nC3 is uncovered",
  });
});
