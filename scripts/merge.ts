import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { loadConfig } from "../lib/config.ts";
import { describeError, environmentError, HarnessError, usageError } from "../lib/errors.ts";
import { loadCatalog } from "../lib/catalog.ts";
import type { Log } from "../lib/log.ts";
import type { JunitDialect } from "../reports/junit.ts";
import { merge } from "../reports/merge.ts";
import type { RunReport } from "../reports/model.ts";
import { readReport, type StoredReport } from "../reports/read.ts";
import { type Shard, shardsOf } from "../reports/shards.ts";
import { writeReports } from "../reports/write.ts";
import { countsLine, openConsole } from "./console.ts";
import { copyEvidence, evidenceBudget } from "./copy-evidence.ts";
import { withInterrupts } from "./interrupts.ts";

export interface MergeFlags {
  /** The folder of the merged report; there is none yet, or it is empty. */
  out: string;
  config?: string;
  junit?: JunitDialect;
}

/** `merge`: the report that a run would have left had it not been cut into these shards. Returns its exit code. */
export async function mergeRuns({ out, config: file, junit }: MergeFlags, names: readonly string[]): Promise<number> {
  // Nothing here takes long enough to be watched.
  const console = openConsole({ verbose: true });
  const { log } = console;
  const config = await loadConfig({ junit }, file);
  const folder = resolve(out);
  await demandEmpty(folder);
  const runs = await Promise.all(names.map((name) => readReport(name, config.out)));
  const shards = shardsOf(runs);
  const merged = merge(shards);
  const left = await withInterrupts(log, (signal) => {
    const write = (into: string) => writeReports(into, merged, config.junit, folder);
    return place(folder, log, (draft) => fill(draft, shards, write, signal));
  });
  if (left > 0)
    log.warn(`${left} evidence files are left in the folders of the shards, as all together are too large.`);
  console.report(merged, folder, await loadCatalog());
  process.stdout.write(`${countsLine(merged)}\n`);
  return merged.exitCode;
}

async function demandEmpty(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw usageError(`\`${folder}\` is no folder to write into.`, { cause: error });
  });
  if (entries.length === 0) return;
  throw usageError(`The folder \`${folder}\` holds ${entries.length} files, expected none.`, {
    hint: "name another one with --out",
  });
}

/** Evidence first, so that writers find it. Returns how many files were left behind. */
async function fill(
  draft: string,
  shards: readonly (StoredReport & Shard)[],
  write: (into: string) => Promise<void>,
  signal: AbortSignal,
): Promise<number> {
  const budget = { ...evidenceBudget };
  let left = 0;
  for (const { folder, subfolder, report } of shards) {
    const into = resolve(draft, subfolder);
    left += await copyEvidence({ from: folder, into, linked: linksOf(report), budget, signal });
  }
  await write(draft);
  return left;
}

/** Lets the folder appear as a whole or not at all. */
async function place<T>(folder: string, log: Log, work: (draft: string) => Promise<T>): Promise<T> {
  const draft = `${folder}.${process.pid}.draft`;
  try {
    await mkdir(draft, { recursive: true });
    const result = await work(draft);
    await rename(draft, folder);
    return result;
  } catch (cause) {
    const left = (also: unknown) => log.warn(`The draft \`${draft}\` is left: ${describeError(also)}`);
    await rm(draft, { recursive: true, force: true }).catch(left);
    if (cause instanceof HarnessError) throw cause;
    throw environmentError(`The report folder \`${folder}\` cannot be written.`, { cause });
  }
}

function linksOf({ cases }: RunReport): string[] {
  const tries = cases.flatMap((one) => [one, ...one.tries]);
  return [...new Set(tries.flatMap(({ attachments }) => attachments))];
}
