import { glob } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { entryOf } from "./check.ts";
import type { CheckDefinition, CheckEntry } from "./check.ts";
import { usageError } from "./errors.ts";

export type { CheckEntry } from "./check.ts";

const suitesFolder = fileURLToPath(new URL("../suites/", import.meta.url));
const loaded = new Map<string, Promise<CheckEntry[]>>();

/** Set while a catalog is read: what the file under way announces. */
let announced: CheckDefinition[] | undefined;

/**
 * Every check below a folder, sorted by id, read by importing the files without running a check.
 * Throws a usage error for a file that cannot be imported or that does not hold exactly one check.
 */
export function loadCatalog(folder: string = suitesFolder): Promise<CheckEntry[]> {
  // A module is evaluated once in a process, so its checks are announced once.
  const entries = loaded.get(folder) ?? readCatalog(folder);
  loaded.set(folder, entries);
  return entries;
}

/** Tells a catalog that is being read about a check. False if none is: the check is to be registered for a run. */
export function announce(definition: CheckDefinition): boolean {
  announced?.push(definition);
  return announced !== undefined;
}

async function readCatalog(folder: string): Promise<CheckEntry[]> {
  const files: string[] = [];
  for await (const file of glob("**/*.test.ts", { cwd: folder })) files.push(file);
  const entries: CheckEntry[] = [];
  for (const file of files.toSorted()) entries.push(await readEntry(join(folder, file)));
  return entries;
}

async function readEntry(file: string): Promise<CheckEntry> {
  const found: CheckDefinition[] = [];
  announced = found;
  try {
    await import(pathToFileURL(file).href);
  } catch (cause) {
    throw usageError(`The check file \`${file}\` cannot be imported.`, { cause });
  } finally {
    announced = undefined;
  }
  const [definition] = found;
  if (definition && found.length === 1) return entryOf(definition, file);
  throw usageError(`\`${file}\` holds ${found.length} checks, expected one.`);
}
