import type { CheckEntry } from "../lib/check.ts";
import { usageError } from "../lib/errors.ts";
import type { Row } from "./rows.ts";

/** The checks as a table in Markdown, one a row. */
export function catalogTable(checks: readonly CheckEntry[]): string {
  const head = ["check", "what it proves", "profile", "needs", "rows", "source"];
  const rows = checks.map(({ id, title, profile, serial, needs, rows, source, expectedToFail }) => {
    const kind = [profile, serial && "serial", expectedToFail && `[expected to fail](suites/${id}.md)`];
    return [`\`${id}\``, title, kind.filter(Boolean).join(", "), needs.join(", "), rows.join(", "), source];
  });
  return markdownTable(head, rows);
}

/** The rows of the feature table that no check covers, and the parts of rows, with the reason. */
export function uncoveredTable(rows: readonly Row[]): string {
  const uncovered = rows.flatMap(({ id, row, uncovered, except }) => [
    ...(uncovered === undefined ? [] : [[id, row, uncovered]]),
    ...Object.entries(except).map(([part, reason]) => [id, part, reason]),
  ]);
  return markdownTable(["row", "what could be asked", "why there is no check"], uncovered);
}

/**
 * The text with a table between the two markers of this name. Throws a usage error where they are not both there, in
 * order.
 */
export function withTable(text: string, name: "checks" | "uncovered", table: string): string {
  const begin = `<!-- ${name}: begin, written by \`scripts/vmesh list --markdown README.md\` -->`;
  const end = `<!-- ${name}: end -->`;
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw usageError(`The text has no lines \`${begin}\` and \`${end}\`, in this order.`);
  return `${text.slice(0, from)}${begin}\n\n${table}\n${text.slice(to)}`;
}

/** A table with columns as wide as the formatter makes them. */
function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const body = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  return [head, widths.map((width) => "-".repeat(width)), ...body].map(line).join("");
}
