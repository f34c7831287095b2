import { loadConfig } from "../lib/config.ts";
import { exitCodes } from "../lib/errors.ts";
import { diff } from "../reports/diff.ts";
import { readRuns } from "../reports/read-runs.ts";
import { diffTable } from "./diff-table.ts";

export interface DiffFlags {
  config?: string;
  json?: boolean;
  /** Percent. */
  threshold?: number;
  failOnSlower?: boolean;
}

/** `diff`: what changed from the runs `a` to the runs `b`, for a person or as JSON. Returns the exit code. */
export async function diffRuns(flags: DiffFlags, a: string, b: string): Promise<number> {
  const { out } = await loadConfig({}, flags.config);
  const [before, after] = await Promise.all([a, b].map((names) => readRuns(names, out)));
  const reports = (runs = before) => runs?.map(({ report }) => report) ?? [];
  const { threshold, failOnSlower } = flags;
  const options = { threshold: threshold === undefined ? undefined : threshold / 100, failOnSlower };
  const result = diff(reports(before), reports(after), options);
  process.stdout.write(flags.json ? `${JSON.stringify(result, null, 2)}\n` : diffTable(result));
  return result.worse ? exitCodes.failed : exitCodes.conformant;
}
