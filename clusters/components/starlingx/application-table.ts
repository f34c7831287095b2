import { environmentError } from "../../../lib/errors.ts";

/** One line of `system application-list`. */
export interface Application {
  name: string;
  version: string;
  status: string;
  progress: string;
}

const columns = { name: "application", version: "version", status: "status", progress: "progress" } as const;

/**
 * Reads the table of `system application-list`, which has no other form of output (`application-show` has). Throws an
 * environment error that shows what was printed, if it is not that table.
 */
export function parseApplicationList(text: string): Application[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const borders = lines.flatMap((line, index) => (/^\+[-+]+\+$/.test(line) ? [index] : []));
  const [top = -1, below = -1, bottom = -1] = borders;
  const problem = (what: string) =>
    environmentError(`\`system application-list\` printed no table as expected: ${what}.`, {
      evidence: lines.slice(0, 20).join("\n"),
    });
  if (borders.length !== 3 || below !== top + 2 || bottom !== lines.length - 1) {
    throw problem(`it has ${borders.length} lines of a frame, expected 3 around a heading and its rows`);
  }
  // A cell may hold a bar of its own, so the frame tells where cells end.
  const edges = [...(lines[top] ?? "").matchAll(/\+/g)].map(({ index }) => index);
  const cells = (line: string) => {
    if (edges.some((edge) => line[edge] !== "|")) throw problem(`\`${line}\` does not fit its frame`);
    return edges.slice(1).map((edge, index) => line.slice((edges[index] ?? 0) + 1, edge).trim());
  };
  const heading = cells(lines[top + 1] ?? "");
  const missing = Object.values(columns).filter((column) => !heading.includes(column));
  if (missing.length > 0) throw problem(`it has no column \`${missing.join("`, `")}\``);

  const rows: string[][] = [];
  for (const line of lines.slice(below + 1, bottom)) {
    const row = cells(line);
    const last = rows.at(-1);
    // The further lines of a cell of several, which the text of an exception has.
    if (row[0] === "" && last) last.forEach((cell, index) => (last[index] = `${cell} ${row[index] ?? ""}`.trim()));
    else rows.push(row);
  }
  const cellOf = (row: string[], column: string) => row[heading.indexOf(column)] ?? "";
  return rows.map((row) => ({
    name: cellOf(row, columns.name),
    version: cellOf(row, columns.version),
    status: cellOf(row, columns.status),
    progress: cellOf(row, columns.progress),
  }));
}
