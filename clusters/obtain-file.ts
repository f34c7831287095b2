import { chmod, copyFile, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { run } from "../lib/command.ts";
import { environmentError, type HarnessError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { timeouts } from "../lib/timeouts.ts";
import { cacheEntry } from "./lab/cache.ts";
import { download, type DownloadOptions } from "./upstream/download.ts";
import { describeFile, type FileOptions, notInCache, type UpstreamFile } from "./upstream/upstream-file.ts";
import { emptyLock } from "./upstream/version-lock.ts";
import type { VersionSet } from "./version-set.ts";

export interface ObtainOptions extends FileOptions, DownloadOptions {
  /** Fetch nothing: what is not in the cache is an error. */
  offline?: boolean | undefined;
  log: Log;
}

/**
 * The path of a file of the set in vmesh's cache: downloaded if it is not there yet, and unpacked if it comes in an
 * archive. Throws an environment error if the download is not the one that the lock names, of which then nothing stays;
 * if it cannot be had; and, where nothing may be fetched, if it is not in the cache.
 */
export async function obtainFile(set: VersionSet, name: string, options: ObtainOptions): Promise<string> {
  const { log, signal, offline = false } = options;
  const file = await describeFile(set, name, options);
  if (offline && !file.cached) throw notInCache(set, [file]);
  await cacheEntry({ ...file.entry, log, signal }, async (folder) => {
    log.info(`fetching ${name}${file.sha256 ? "" : ", unpinned,"} from ${file.source}`);
    const target = join(folder, "download");
    const sha256 = await download(file.source, target, options);
    if (file.sha256 !== undefined && sha256 !== file.sha256) throw wrongChecksum(set, file, sha256);
    await putInPlace(file, folder, signal);
  });
  return file.path;
}

/** Fetches a file whatever the cache has, keeps it there, and returns its checksum: for a lock that is to be written. */
export async function pinFile(
  set: VersionSet,
  name: string,
  options: Omit<ObtainOptions, "lock" | "offline">,
): Promise<{ url: string; sha256: string }> {
  const { log, signal } = options;
  const { url, source } = await describeFile(set, name, options);
  const draft = await mkdtemp(join(tmpdir(), "vmesh-pin-"));
  try {
    const sha256 = await download(source, join(draft, "download"), options);
    const pinned = await describeFile(set, name, { ...options, lock: { ...emptyLock(), files: { [url]: sha256 } } });
    await cacheEntry({ ...pinned.entry, log, signal }, async (folder) => {
      await copyFile(join(draft, "download"), join(folder, "download"));
      await putInPlace(pinned, folder, signal);
    });
    return { url, sha256 };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Makes of `download` the file that is meant. */
async function putInPlace({ reference, path }: UpstreamFile, folder: string, signal: AbortSignal): Promise<void> {
  const [archive, file] = [join(folder, "download"), join(folder, basename(path))];
  if (reference.unpack === undefined) {
    await rename(archive, file);
  } else {
    const args = ["--extract", "--gzip", "--file", archive, "--directory", folder, reference.unpack];
    await run("tar", args, { timeoutMs: timeouts.unpack, signal });
    await rm(archive);
    await rename(join(folder, reference.unpack), file);
  }
  if (reference.executable) await chmod(file, 0o755);
}

function wrongChecksum(
  set: VersionSet,
  { name, source, sha256: expected }: UpstreamFile,
  sha256: string,
): HarnessError {
  return environmentError(`\`${name}\` from ${source} is not the file that version set \`${set.name}\` pins.`, {
    evidence: `expected sha256 ${expected}\ngot      sha256 ${sha256}`,
    hint: `find out who changed it; if the change is meant, \`scripts/vmesh artifacts --set ${set.name} --lock\``,
  });
}
