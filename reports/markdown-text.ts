import { xmlText } from "./xml-text.ts";

/** Text for one cell of a table: only names in backticks are marked up, lines stay apart, at most `limit` characters. */
export function cell(text: string, limit = 1_000): string {
  const clean = xmlText(text).trim();
  const short = clean.length <= limit ? clean : `${xmlText(clean.slice(0, limit))}…`;
  // Every other part is a name in backticks.
  const parts = short.split(/(`[^`\n]+`)/);
  return parts.map((part, index) => (index % 2 === 1 ? name(part) : asIs(part))).join("");
}

/** A command as a block of code, which no character in it can end. */
export function commandBlock(text: string): string {
  return text.replace(/^/gm, "    ");
}

/** A pipe would end the cell within backticks, too, and with a backslash before it there is no way to write it there. */
function name(quoted: string): string {
  return quoted.includes("|") ? `<code>${asIs(quoted.slice(1, -1))}</code>` : quoted;
}

/** Addresses become no links, in which escapes would show. */
function asIs(text: string): string {
  return text
    .replace(/[\\`*_[\]<>&|~#!@]|:(?=\/\/)|(?<=www)\./g, (letter) => `\\${letter}`)
    .replace(/ {2,}/g, (spaces) => "&nbsp;".repeat(spaces.length))
    .replaceAll("\n", "<br>");
}
