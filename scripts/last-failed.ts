import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { usageError } from "../lib/errors.ts";
import { strayPrefix } from "../reports/incidents.ts";
import type { RunReport } from "../reports/model.ts";

/**
 * Names of the checks that were red or flaky in the latest run below a report folder; what broke in or around a part of
 * one counts as the whole. Throws a usage error if there was no run, or nothing to run again.
 */
export async function lastFailed(out: string): Promise<string[]> {
  const path = join(resolve(out), "latest", "report.json");
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw usageError(`There is no run whose red checks could be run again: \`${path}\` cannot be read.`, { cause });
  });
  const { cases, runId } = JSON.parse(text) as Pick<RunReport, "cases" | "runId">;
  const red = cases.filter(({ outcome }) => ["failed", "error", "flaky"].includes(outcome)).map(({ id }) => id);
  const checks = red.filter((id) => !id.startsWith(strayPrefix)).map((id) => id.split("#")[0] ?? id);
  if (checks.length > 0) return [...new Set(checks)];
  if (red.length > 0) {
    const hint = "leave out --last-failed; the report tells what broke";
    throw usageError(`Only errors outside of every check were red in the last run, ${runId}.`, { hint });
  }
  throw usageError(`No check was red or flaky in the last run, ${runId}.`, { hint: "leave out --last-failed" });
}
