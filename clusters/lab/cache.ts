import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Log } from "../../lib/log.ts";
import { type Lock, lockFile } from "./lock.ts";

export interface CacheEntryOptions {
  /** Folder of the cache. Everything below is ours. */
  root: string;
  /** What is cached, e.g. `rootfs-node`: names the entry for people. */
  kind: string;
  /** Everything the content depends on. */
  key: readonly string[];
  log: Log;
  signal?: AbortSignal | undefined;
}

/**
 * The folder that holds what `build` makes from exactly this key: built now, or found as an earlier build left it. An
 * entry appears whole by a rename; a second process that wants it meanwhile waits for the first. A build that was
 * interrupted, be it by `kill -9`, leaves a draft that the next use of the same kind removes.
 */
export async function cacheEntry(
  options: CacheEntryOptions,
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const { root, kind, log, signal } = options;
  const entry = entryPath(options);
  const name = basename(entry);
  if (await exists(entry)) {
    log.debug(`\`${name}\` comes from the cache`);
    return entry;
  }
  const lock = await lockEntry(root, name, { log, signal });
  try {
    if (await exists(entry)) return entry;
    await removeDeadDrafts(root, kind, name);
    const draft = join(root, `${name}.${randomBytes(4).toString("hex")}${DRAFT}`);
    await mkdir(draft, { recursive: true });
    try {
      await build(draft);
      await rename(draft, entry);
    } catch (error) {
      await removeFolder(draft);
      throw error;
    }
    return entry;
  } finally {
    await lock.release();
  }
}

/** Where the entry is once it is made. */
export function entryPath({ root, kind, key }: Pick<CacheEntryOptions, "root" | "kind" | "key">): string {
  return join(root, `${kind}-${digest(key)}`);
}

/** A short digest of a list of strings; the boundaries between them count. */
export function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

/** What a finished entry of a cache holds, by its name; undefined for drafts and whatever else is there. */
export function kindOf(name: string): string | undefined {
  return /^(.+)-[0-9a-f]{16}$/.exec(name)?.[1];
}

const DRAFT = ".draft";

async function lockEntry(
  root: string,
  name: string,
  { log, signal }: Pick<CacheEntryOptions, "log" | "signal">,
): Promise<Lock> {
  const path = join(root, "locks", name);
  const free = await lockFile(path, { mode: "exclusive", tryOnly: true, signal });
  if (free) return free;
  log.info(`\`${name}\` is being made by another process: waiting for it`);
  return lockFile(path, { mode: "exclusive", signal });
}

/** A draft is dead when nobody holds the lock of its entry; our own entry's lock is held by us. */
async function removeDeadDrafts(root: string, kind: string, own: string): Promise<void> {
  for (const draft of (await readdir(root)).filter((file) => file.startsWith(`${kind}-`) && file.endsWith(DRAFT))) {
    const name = draft.slice(0, draft.indexOf("."));
    if (name === own) {
      await removeFolder(join(root, draft));
      continue;
    }
    const lock = await lockFile(join(root, "locks", name), { mode: "exclusive", tryOnly: true });
    if (!lock) continue;
    await removeFolder(join(root, draft));
    await lock.release();
  }
}

/** An orphaned child of a dead build may still write for a moment. */
function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
}
