import type { ApplicationState, State } from "./state.ts";

/** The table of `application-list`, as the real command frames it. */
export function listTable({ applications, misbehaviour }: State): string {
  if (misbehaviour.list !== undefined) return misbehaviour.list;
  const heading = ["application", "version", "manifest name", "manifest file", "status", "progress"];
  const rows = applications
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map((one) => [one.name, one.version, one.manifestName, one.manifestFile, one.status, one.progress]);
  // Nothing at all where there is no application.
  return rows.length === 0 ? "" : framed(heading, rows);
}

/** What an upload, apply or remove shows of the application. */
export function propertyTable({ name, version, manifestName, manifestFile, status }: ApplicationState): string {
  const now = new Date().toISOString().replace("Z", "000+00:00");
  return framed(
    ["Property", "Value"],
    [
      ["active", "False"],
      ["app_version", version],
      ["created_at", now],
      ["manifest_file", manifestFile],
      ["manifest_name", manifestName],
      ["name", name],
      ["progress", "None"],
      ["status", status],
      ["updated_at", "None"],
    ],
  );
}

/** A cell of several lines takes as many rows of the frame. */
function framed(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((title, column) =>
    Math.max(...[title, ...rows.flatMap((row) => (row[column] ?? "").split("\n"))].map(({ length }) => length)),
  );
  const border = `+${widths.map((width) => "-".repeat(width + 2)).join("+")}+`;
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  const lines = rows.flatMap((row) => {
    const cells = row.map((cell) => cell.split("\n"));
    const height = Math.max(...cells.map(({ length }) => length));
    return Array.from({ length: height }, (_, index) => line(cells.map((parts) => parts[index] ?? "")));
  });
  return [border, line(heading), border, ...lines, border].join("\n");
}
