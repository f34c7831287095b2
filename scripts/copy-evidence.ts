import { constants } from "node:fs";
import { copyFile, mkdir, readdir, realpath, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { usageError } from "../lib/errors.ts";

/** What may still be copied. */
export interface Budget {
  bytes: number;
  files: number;
}

/** What one call of `merge` copies at most: some hundred times what a run with many failures leaves. */
export const evidenceBudget: Readonly<Budget> = { bytes: 2 ** 30, files: 20_000 };

export interface EvidenceOptions {
  /** Folder of the run. */
  from: string;
  into: string;
  /** Files that the report links to, relative to the folder. They come first. */
  linked: readonly string[];
  /** Grows less by what is copied. */
  budget: Budget;
  signal?: AbortSignal | undefined;
}

/**
 * Copies the evidence of a run: what its report links to, the rest of `diagnostics`, and what the suites printed. In
 * the place of a linked file that cannot be had comes a line that says why. Returns how many were left behind for want
 * of budget. Throws a usage error for a link that leads out of the run's folder.
 */
export async function copyEvidence({ from, into, linked, budget, signal }: EvidenceOptions): Promise<number> {
  const root = await realpath(from);
  for (const path of linked) demandInside(root, path);
  const others = (await filesIn(join(root, "diagnostics"))).map((path) => relative(root, path));
  let left = 0;
  for (const path of new Set([...linked, ...others, "suites.log"])) {
    signal?.throwIfAborted();
    const problem = await copyOne(root, into, path, budget);
    if (problem === "limit") left += 1;
    if (problem === undefined || !linked.includes(path)) continue;
    const why = problem === "limit" ? "the evidence of all shards is too large" : "it is not in the run's folder";
    await mkdir(dirname(join(into, path)), { recursive: true });
    await writeFile(join(into, path), `This file was not copied: ${why}.\n`);
  }
  return left;
}

function demandInside(root: string, path: string): void {
  if (isInside(root, join(root, path)) && !path.startsWith(sep)) return;
  throw usageError(`The report in \`${root}\` links to \`${path}\`, which is not in its folder.`);
}

function isInside(root: string, path: string): boolean {
  return path.startsWith(`${root}${sep}`);
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(unlessThere);
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

async function copyOne(
  root: string,
  into: string,
  path: string,
  budget: Budget,
): Promise<"absent" | "limit" | undefined> {
  const [source] = await realpath(join(root, path)).then((real) => [real], unlessThere);
  // A symbolic link may lead anywhere.
  if (source === undefined || !isInside(root, source)) return "absent";
  const found = await stat(source);
  if (!found.isFile()) return "absent";
  if (found.size > budget.bytes || budget.files < 1) return "limit";
  budget.bytes -= found.size;
  budget.files -= 1;
  await mkdir(dirname(join(into, path)), { recursive: true });
  await copyFile(source, join(into, path), constants.COPYFILE_FICLONE);
  return undefined;
}

function unlessThere(error: NodeJS.ErrnoException): never[] {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
  throw error;
}
