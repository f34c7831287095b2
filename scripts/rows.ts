import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";
import type { CheckEntry } from "../lib/check.ts";
import { usageError } from "../lib/errors.ts";

const file = fileURLToPath(new URL("../suites/rows.yaml", import.meta.url));
const sentence = z.string().min(1);
const schema = z.record(
  z.string().regex(/^[A-Z]\d+$/),
  z.union([
    sentence.transform((row) => ({ row, uncovered: undefined, except: {} })),
    z.strictObject({ row: sentence, uncovered: sentence }).transform((entry) => ({ ...entry, except: {} })),
    z
      .strictObject({ row: sentence, except: z.record(sentence, sentence) })
      .transform((entry) => ({ ...entry, uncovered: undefined })),
  ]),
);

/** A row of the feature table with the checks that cover it, or the reason why there is none. */
export interface Row {
  id: string;
  row: string;
  checks: string[];
  uncovered: string | undefined;
  /** Parts of it that no check covers, each with the reason. */
  except: Readonly<Record<string, string>>;
}

/**
 * The feature table against a catalog. Throws a usage error for a check that names an unknown row, and for a row that
 * has neither a check nor a reason, or both.
 */
export async function loadRows(catalog: readonly CheckEntry[]): Promise<Row[]> {
  const table = schema.parse(parse(await readFile(file, "utf8")));
  const rows = Object.entries(table).map(([id, { row, uncovered, except }]) => {
    const checks = catalog.filter(({ rows }) => rows.includes(id)).map((check) => check.id);
    return { id, row, checks, uncovered, except };
  });
  const faults = [
    ...catalog.flatMap(({ id, rows }) => rows.filter((row) => !(row in table)).map((row) => `${id} names ${row}`)),
    ...rows.filter(({ checks, uncovered }) => checks.length === 0 && !uncovered).map(({ id }) => `${id} is uncovered`),
    ...rows.filter(({ checks, uncovered }) => checks.length > 0 && uncovered).map(({ id }) => `${id} is covered now`),
  ];
  if (faults.length === 0) return rows;
  throw usageError("The feature table and the checks do not agree.", {
    evidence: faults.join("\n"),
    hint: "correct `rows` in the check, or the row in suites/rows.yaml",
  });
}
