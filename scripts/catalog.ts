import type { CheckEntry } from "../lib/check.ts";
import { usageError } from "../lib/errors.ts";

const begin = "<!-- checks: begin, written by `scripts/vmesh list --markdown README.md` -->";
const end = "<!-- checks: end -->";

/** The checks as a table in Markdown, one a row, with columns as wide as the formatter makes them. */
export function catalogTable(checks: readonly CheckEntry[]): string {
  const head = ["check", "what it proves", "profile", "needs", "source"];
  const rows = checks.map(({ id, title, profile, serial, needs, source }) =>
    [`\`${id}\``, title, serial ? `${profile}, serial` : profile, needs.join(", "), source].map((cell) =>
      cell.replaceAll("|", "\\|"),
    ),
  );
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  return [head, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("");
}

/** The text with the table between its two markers. Throws a usage error where they are not both there, in order. */
export function withCatalog(text: string, checks: readonly CheckEntry[]): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw usageError(`The text has no lines \`${begin}\` and \`${end}\`, in this order.`);
  return `${text.slice(0, from)}${begin}\n\n${catalogTable(checks)}\n${text.slice(to)}`;
}
