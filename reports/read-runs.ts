import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { usageError } from "../lib/errors.ts";
import { readReport, type StoredReport } from "./read.ts";

/**
 * Reads the runs that a user names as one side of a comparison: whatever `readReport` takes, several of those with
 * commas between, or a folder of runs. Sorted by when they began. Throws a usage error if one of them cannot be read,
 * or is named twice.
 */
export async function readRuns(names: string, out: string): Promise<StoredReport[]> {
  const parts = existsSync(names) ? [names] : names.split(",").filter((name) => name !== "");
  const places = (await Promise.all(parts.map(runsIn))).flat();
  const runs = await Promise.all(places.map((place) => readReport(place, out)));
  const ids = runs.map(({ report }) => report.runId);
  const twice = ids.find((id, index) => ids.indexOf(id) < index);
  if (twice !== undefined) throw usageError(`The run \`${twice}\` is named twice in \`${names}\`.`);
  if (runs.length === 0) throw usageError(`\`${names}\` names no run.`);
  return runs.toSorted((a, b) => Date.parse(a.report.startedAt) - Date.parse(b.report.startedAt));
}

/** The runs in a folder of them; `latest` in it is one of them under another name. */
async function runsIn(place: string): Promise<string[]> {
  if (existsSync(join(place, "report.json"))) return [place];
  const entries = await readdir(place, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(place, name));
  const runs = folders.filter((folder) => existsSync(join(folder, "report.json")));
  return runs.length > 0 ? runs : [place];
}
