import { existsSync } from "node:fs";
import { join } from "node:path";
import { nearest } from "../../lib/config.ts";
import { environmentError, type HarnessError, usageError } from "../../lib/errors.ts";
import { entryPath } from "../lab/cache.ts";
import type { FileReference, VersionSet } from "../version-set.ts";
import { mirrored } from "./mirror.ts";
import { loadLock, type VersionLock } from "./version-lock.ts";

/** From where, for which machine, and what is known of downloads. */
export interface FileOptions {
  cacheDir: string;
  /** Prefix of a mirror, see `mirrored`. */
  mirror?: string | undefined;
  /** The set's own when not given. */
  lock?: VersionLock | undefined;
  /** `linux-amd64` and the like; this machine's when not given. */
  platform?: string | undefined;
}

/** One file of a set for one platform. */
export interface UpstreamFile {
  name: string;
  reference: FileReference;
  /** Where its project publishes it. */
  url: string;
  /** Where it is fetched: at the mirror if there is one. */
  source: string;
  /** What the lock says of the download; without it the file is unpinned. */
  sha256: string | undefined;
  /** Its entry of the cache. A file that gets a checksum gets another entry. */
  entry: { root: string; kind: string; key: readonly string[] };
  /** Where the file is once it is in the cache. */
  path: string;
  cached: boolean;
}

/** What is known of a file without fetching anything. Throws a usage error with the nearest name if the set has none. */
export async function describeFile(set: VersionSet, name: string, options: FileOptions): Promise<UpstreamFile> {
  const reference = referenceOf(set, name);
  const lock = options.lock ?? (await loadLock(set.name));
  const url = urlOf(reference, options.platform ?? thisPlatform());
  const sha256 = lock.files[url];
  const kind = `upstream-${name.replaceAll("/", "-")}`;
  const source = mirrored.url(url, options.mirror);
  // What nothing is known of may be another thing elsewhere.
  const entry = { root: options.cacheDir, kind, key: [url, sha256 ?? `unpinned from ${source}`] };
  const path = join(entryPath(entry), name.split("/").at(-1) ?? name);
  return { name, reference, url, source, sha256, entry, path, cached: existsSync(path) };
}

/** Names every file that is not in the cache, where it belongs and how it gets there. */
export function notInCache(set: VersionSet, files: readonly UpstreamFile[]): HarnessError {
  const count = files.length === 1 ? "a file" : `${files.length} files`;
  return environmentError(`Nothing may be fetched, and the cache lacks ${count} of version set \`${set.name}\`.`, {
    evidence: files.map(({ name, source, path }) => `${name}\n  from ${source}\n  to ${path}`).join("\n"),
    hint: `\`scripts/vmesh artifacts --set ${set.name} --fetch\` on a connected host with the same lock; then bring its cache here`,
  });
}

/** `linux-amd64`, as Go writes it. */
export function thisPlatform(): string {
  const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64" };
  return `${process.platform}-${architectures[process.arch] ?? process.arch}`;
}

function referenceOf(set: VersionSet, name: string): FileReference {
  const reference = set.files[name];
  if (reference) return reference;
  const names = Object.keys(set.files);
  throw usageError(`Version set \`${set.name}\` has no file \`${name}\`. It has: ${names.join(", ") || "none"}.`, {
    ...(names.length > 0 && { hint: `the nearest one is \`${nearest(name, names)}\`` }),
  });
}

function urlOf({ url, platforms = {} }: FileReference, platform: string): string {
  const architecture = platform.split("-").at(-1) ?? platform;
  return url.replaceAll("${platform}", platforms[platform] ?? platform).replaceAll("${arch}", architecture);
}
