import { mkdir, rename, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { environmentError } from "../lib/errors.ts";

/** Where one run writes. */
export interface ReportFolder {
  path: string;
  journal: string;
  diagnostics: string;
}

/** Makes `<out>/<runId>` and points `<out>/latest` at it. Throws an environment error if that cannot be written. */
export async function openReportFolder(out: string, runId: string): Promise<ReportFolder> {
  const path = resolve(out, runId);
  const diagnostics = join(path, "diagnostics");
  try {
    await mkdir(diagnostics, { recursive: true });
    const draft = resolve(out, `.latest.${process.pid}`);
    await symlink(runId, draft);
    await rename(draft, resolve(out, "latest"));
  } catch (cause) {
    throw environmentError(`The report folder \`${resolve(out)}\` cannot be written.`, {
      cause,
      hint: "name another one with --out, or make it writable",
    });
  }
  return { path, journal: join(path, "journal.ndjson"), diagnostics };
}
