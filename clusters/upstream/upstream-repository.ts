import { existsSync } from "node:fs";
import { nearest } from "../../lib/config.ts";
import { environmentError, type HarnessError, usageError } from "../../lib/errors.ts";
import { entryPath } from "../lab/cache.ts";
import type { VersionSet } from "../version-set.ts";
import { mirrored } from "./mirror.ts";
import type { FileOptions } from "./upstream-file.ts";
import { loadLock } from "./version-lock.ts";

export interface RepositoryOptions extends Omit<FileOptions, "platform"> {
  /** Where the settings say it is, whatever mirror there is. */
  source?: string | undefined;
}

/** One repository of a set, of which the tag is cloned that is the set's version of the same name. */
export interface UpstreamRepository {
  name: string;
  /** Where its project publishes it. */
  url: string;
  tag: string;
  /** Where it is cloned from: at the mirror if there is one. */
  source: string;
  /** What the lock says of the tag; without it the repository is unpinned. */
  commit: string | undefined;
  /** Its entry of the cache. A tag that gets a commit gets another entry. */
  entry: { root: string; kind: string; key: readonly string[] };
  folder: string;
  cached: boolean;
}

/** What is known of a repository without asking anybody. Throws a usage error with the nearest name if the set has none. */
export async function describeRepository(
  set: VersionSet,
  name: string,
  options: RepositoryOptions,
): Promise<UpstreamRepository> {
  const [url, tag] = [set.repositories[name], set.versions[name]];
  if (url === undefined || tag === undefined) throw unknownRepository(set, name);
  const lock = options.lock ?? (await loadLock(set.name));
  const commit = lock.repositories[lockedAs({ url, tag })];
  const source = options.source ?? mirrored.url(url, options.mirror);
  // What nothing is known of may be another thing elsewhere.
  const key = [url, tag, commit ?? `unpinned from ${source}`];
  const entry = { root: options.cacheDir, kind: `repository-${name}`, key };
  const folder = entryPath(entry);
  return { name, url, tag, source, commit, entry, folder, cached: existsSync(folder) };
}

/** The name that a lock has a commit by. */
export function lockedAs({ url, tag }: Pick<UpstreamRepository, "url" | "tag">): string {
  return `${url}@${tag}`;
}

/** Says where the clone belongs and how it gets there. */
export function repositoryNotInCache(set: VersionSet, repository: UpstreamRepository): HarnessError {
  const { name, tag, source, folder } = repository;
  return environmentError(
    `Nothing may be fetched, and the cache lacks ${name} ${tag} of version set \`${set.name}\`.`,
    {
      evidence: `${name}\n  from ${source}\n  to ${folder}`,
      hint: howToBring(set, name),
    },
  );
}

/** What to do where a clone may not be fetched: for errors and for the doctor. */
export function howToBring(set: Pick<VersionSet, "name">, name: string): string {
  return `\`scripts/vmesh artifacts --set ${set.name} --fetch\` on a connected host with the same lock, then bring its cache here; or let \`settings.${name}.checkout\` name a checkout`;
}

function unknownRepository(set: VersionSet, name: string): HarnessError {
  const names = Object.keys(set.repositories);
  return usageError(
    `Version set \`${set.name}\` has no repository \`${name}\`. It has: ${names.join(", ") || "none"}.`,
    { ...(names.length > 0 && { hint: `the nearest one is \`${nearest(name, names)}\`` }) },
  );
}
