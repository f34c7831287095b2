import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { type HarnessError, usageError } from "../lib/errors.ts";
import { apiVersion, kind, type Statement, statementSchema } from "./statement-schema.ts";

/** A report that was read, and where its evidence is. */
export interface StoredReport {
  /** Absolute. */
  folder: string;
  report: Statement;
}

/**
 * Reads the report that a user names: the folder of a run, its `report.json`, or `latest`, the last run with the report
 * folder `out`. Throws a usage error if there is none, or if it is not one that this version understands.
 */
export async function readReport(name: string, out: string): Promise<StoredReport> {
  const place = resolve(name === "latest" ? join(out, name) : name);
  const path = (await isFolder(place)) ? join(place, "report.json") : place;
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw usageError(`There is no report at \`${path}\`.`, {
      cause,
      hint: "name the folder of a run, its `report.json`, or `latest`",
    });
  });
  return { folder: dirname(path), report: understood(text, path) };
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

const headSchema = z.object({ apiVersion: z.string().startsWith("vmesh.dev/"), kind: z.literal(kind) });

function understood(text: string, path: string): Statement {
  const value = jsonOf(text, path);
  const head = headSchema.safeParse(value);
  if (!head.success) throw foreign(path, `it does not begin with apiVersion \`${apiVersion}\` and kind \`${kind}\``);
  if (head.data.apiVersion !== apiVersion) {
    throw usageError(
      `The report \`${path}\` has the schema version \`${head.data.apiVersion}\`, expected \`${apiVersion}\`.`,
      { hint: "read it with the version of vmesh that wrote it" },
    );
  }
  const result = statementSchema.safeParse(value);
  if (result.success) return result.data;
  const evidence = z.prettifyError({ ...result.error, issues: result.error.issues.slice(0, 5) });
  throw usageError(`The report \`${path}\` is damaged: ${result.error.issues.length} places break the schema.`, {
    evidence,
    hint: "its `journal.ndjson` may still tell what happened",
  });
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw foreign(path, "it is not JSON", cause);
  }
}

function foreign(path: string, why: string, cause?: unknown): HarnessError {
  return usageError(`\`${path}\` is no report of vmesh: ${why}.`, {
    cause,
    hint: "name the folder of a run, its `report.json`, or `latest`",
  });
}
