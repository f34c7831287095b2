import { readFile } from "node:fs/promises";
import { loadCatalog } from "../lib/catalog.ts";
import { type Flags, loadConfig } from "../lib/config.ts";
import { exitCodes, usageError } from "../lib/errors.ts";
import { writeWhole } from "../reports/write.ts";
import { catalogTable, uncoveredTable, withTable } from "./catalog.ts";
import { loadRows, type Row } from "./rows.ts";
import { select } from "./select.ts";

/**
 * `list`: the selected checks, one a line, as JSON, or as a table in Markdown, which is printed or, for all checks,
 * written between the markers of a file; with `rows` the feature table instead. Returns the exit code.
 */
export async function list({ config: file, json, markdown, rows, ...flags }: Flags): Promise<number> {
  const config = await loadConfig(flags, file as string | undefined);
  const catalog = await loadCatalog();
  if (rows) return listRows(await loadRows(catalog));
  const checks = select(catalog, config);
  if (json) {
    const relative = checks.map((check) => ({ ...check, file: `suites/${check.id}.test.ts` }));
    process.stdout.write(`${JSON.stringify(relative, null, 2)}\n`);
    return exitCodes.conformant;
  }
  if (typeof markdown === "string") {
    const text = await readFile(markdown, "utf8").catch((cause: unknown) => {
      throw usageError(`The file \`${markdown}\` cannot be read.`, { cause });
    });
    const tables = withTable(text, "checks", catalogTable(catalog));
    await writeWhole(markdown, withTable(tables, "uncovered", uncoveredTable(await loadRows(catalog))));
    return exitCodes.conformant;
  }
  if (markdown) {
    process.stdout.write(catalogTable(checks));
    return exitCodes.conformant;
  }
  const width = Math.max(...checks.map((check) => check.id.length));
  for (const { id, title, profile, tags, needs, rows, source, serial, expectedToFail } of checks) {
    const facts = [
      profile,
      serial ? "serial" : "",
      expectedToFail ? "expected to fail" : "",
      `source ${source}`,
      `rows ${rows.join(", ") || "none"}`,
      `tags ${tags.join(", ")}`,
      `needs ${needs.join(", ") || "nothing"}`,
    ];
    process.stdout.write(`${id.padEnd(width)}  ${title}\n${" ".repeat(width)}  ${facts.filter(Boolean).join("; ")}\n`);
  }
  return exitCodes.conformant;
}

function listRows(rows: readonly Row[]): number {
  for (const { id, row, checks, uncovered, except } of rows) {
    process.stdout.write(`${id.padEnd(4)} ${row}\n     ${uncovered ? `no check: ${uncovered}` : checks.join(", ")}\n`);
    for (const [part, reason] of Object.entries(except)) process.stdout.write(`     without ${part}: ${reason}\n`);
  }
  const covered = rows.filter(({ checks }) => checks.length > 0).length;
  process.stdout.write(`${covered} of ${rows.length} rows are covered by a check.\n`);
  return exitCodes.conformant;
}
