import { existsSync } from "node:fs";
import { join } from "node:path";
import { nearest } from "../../lib/config.ts";
import { environmentError, type HarnessError, usageError } from "../../lib/errors.ts";
import { entryPath } from "../lab/cache.ts";
import type { VersionSet } from "../version-set.ts";
import { mirrored } from "./mirror.ts";
import { type FileOptions, thisPlatform } from "./upstream-file.ts";
import { loadLock, type VersionLock } from "./version-lock.ts";

/** One image of a set for one platform. */
export interface UpstreamImage {
  part: string;
  /** As its project publishes it, with its tag. */
  reference: string;
  /** What the lock says; without it the image is unpinned. */
  digest: string | undefined;
  /** What is pulled: at the mirror if there is one, and by digest if that is locked. */
  pulled: string;
  platform: string;
  /** Its entry of the cache, a folder in the OCI image layout. An image that gets a digest gets another entry. */
  entry: { root: string; kind: string; key: readonly string[] };
  folder: string;
  cached: boolean;
}

/** What is known of an image without asking anybody. Throws a usage error with the nearest part if the set has none. */
export async function describeImage(set: VersionSet, part: string, options: FileOptions): Promise<UpstreamImage> {
  const reference = set.images[part];
  if (reference === undefined) throw unknownPart(set, part);
  const lock = options.lock ?? (await loadLock(set.name));
  const digest = lock.images[reference];
  // Containers are Linux, whatever machine fetches them.
  const platform = options.platform ?? thisPlatform().replace(/^\w+/, "linux");
  const pulled = pulledAs(reference, { digest, mirror: options.mirror });
  // What nothing is known of may be another thing elsewhere.
  const key = [reference, digest ?? `unpinned from ${pulled}`, platform];
  const entry = { root: options.cacheDir, kind: `image-${part.replaceAll("/", "-")}`, key };
  const folder = entryPath(entry);
  return { part, reference, digest, pulled, platform, entry, folder, cached: existsSync(join(folder, "index.json")) };
}

/** References of all images of a set, as a cluster is to pull them: for `ClusterAccess.parts`. */
export async function partsOf(
  set: VersionSet,
  { mirror, lock: given }: { mirror?: string | undefined; lock?: VersionLock } = {},
): Promise<Record<string, string>> {
  const lock = given ?? (await loadLock(set.name));
  const parts = Object.entries(set.images).map(([part, reference]) => {
    return [part, pulledAs(reference, { digest: lock.images[reference], mirror })] as const;
  });
  return Object.fromEntries(parts);
}

/** Names every image that is not in the cache, and how it gets there. */
export function imagesNotInCache(set: VersionSet, images: readonly UpstreamImage[]): HarnessError {
  const count = images.length === 1 ? "an image" : `${images.length} images`;
  return environmentError(`Nothing may be fetched, and the cache lacks ${count} of version set \`${set.name}\`.`, {
    evidence: images.map(({ part, pulled, folder }) => `${part}\n  from ${pulled}\n  to ${folder}`).join("\n"),
    hint: `\`scripts/vmesh artifacts --set ${set.name} --fetch\` on a connected host with the same lock; then bring its cache here`,
  });
}

/** The tag stays beside the digest, for people. */
function pulledAs(reference: string, by: { digest: string | undefined; mirror: string | undefined }): string {
  return mirrored.reference(reference, by.mirror) + (by.digest ? `@${by.digest}` : "");
}

function unknownPart(set: VersionSet, part: string): HarnessError {
  const names = Object.keys(set.images);
  return usageError(`Version set \`${set.name}\` has no image \`${part}\`. It has: ${names.join(", ") || "none"}.`, {
    ...(names.length > 0 && { hint: `the nearest one is \`${nearest(part, names)}\`` }),
  });
}
