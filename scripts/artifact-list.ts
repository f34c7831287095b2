import { readFile } from "node:fs/promises";
import { imagesOfManifest } from "../clusters/upstream/manifest-images.ts";
import { mirrored } from "../clusters/upstream/mirror.ts";
import { describeFile, type FileOptions } from "../clusters/upstream/upstream-file.ts";
import { describeImage } from "../clusters/upstream/upstream-image.ts";
import { describeRepository } from "../clusters/upstream/upstream-repository.ts";
import { loadLock } from "../clusters/upstream/version-lock.ts";
import type { VersionSet } from "../clusters/version-set.ts";

/** What `artifacts --json` prints: everything that runs with a version set may fetch. Another shape gets another `format`. */
export interface ArtifactList {
  format: "vmesh-artifacts/1";
  set: string;
  summary: string;
  versions: Record<string, string>;
  mirror?: string | undefined;
  files: ListedFile[];
  images: ListedImage[];
  repositories: ListedRepository[];
  /** How much of it has no checksum, digest or commit. */
  unpinned: number;
}

export interface ListedFile {
  name: string;
  /** Where its project publishes it. */
  url: string;
  /** Where it is fetched, at the mirror if there is one. */
  from: string;
  /** Null: unpinned. */
  sha256: string | null;
  /** Where it is, or would be, in the cache of this machine. */
  path: string;
  cached: boolean;
}

export interface ListedImage {
  /** The part of a component that it is, or the manifest that names it. */
  usedBy: string;
  reference: string;
  from: string;
  /** Null: unpinned. */
  digest: string | null;
  /** Images that only manifests name are not kept in the cache: the cluster pulls them. */
  cached: boolean;
}

export interface ListedRepository {
  name: string;
  /** Where its project publishes it. */
  url: string;
  tag: string;
  /** Where it is cloned from, at the mirror if there is one. */
  from: string;
  /** Null: unpinned. */
  commit: string | null;
  /** Where the clone is, or would be, in the cache of this machine. */
  path: string;
  cached: boolean;
}

/** Everything that a set names, and the images that its manifests name, as far as these are in the cache. */
export async function listArtifacts(set: VersionSet, options: FileOptions): Promise<ArtifactList> {
  const lock = options.lock ?? (await loadLock(set.name));
  const files = await Promise.all(
    Object.keys(set.files).map(async (name): Promise<ListedFile> => {
      const { url, source, sha256 = null, path, cached } = await describeFile(set, name, { ...options, lock });
      return { name, url, from: source, sha256, path, cached };
    }),
  );
  const ofParts = await Promise.all(
    Object.keys(set.images).map(async (part): Promise<ListedImage> => {
      const { reference, pulled, digest = null, cached } = await describeImage(set, part, { ...options, lock });
      return { usedBy: part, reference, from: pulled, digest, cached };
    }),
  );
  const known = new Set(ofParts.map(({ reference }) => reference));
  const ofManifests = (await manifestImages(files))
    .filter(({ reference }) => !known.has(reference))
    .map(({ reference, usedBy }): ListedImage => {
      const [, named] = /@(sha256:.+)$/.exec(reference) ?? [];
      const digest = named ?? lock.images[reference] ?? null;
      const from = mirrored.reference(reference, options.mirror) + (digest && !named ? `@${digest}` : "");
      return { usedBy, reference, from, digest, cached: false };
    });
  const images = [...ofParts, ...ofManifests];
  const repositories = await Promise.all(
    Object.keys(set.repositories).map(async (name): Promise<ListedRepository> => {
      const described = await describeRepository(set, name, { ...options, lock });
      const { url, tag, source, commit = null, folder, cached } = described;
      return { name, url, tag, from: source, commit, path: folder, cached };
    }),
  );
  const pins = [
    ...files.map(({ sha256 }) => sha256),
    ...images.map(({ digest }) => digest),
    ...repositories.map(({ commit }) => commit),
  ];
  return {
    format: "vmesh-artifacts/1",
    set: set.name,
    summary: set.summary,
    versions: set.versions,
    ...(options.mirror !== undefined && { mirror: options.mirror }),
    files,
    images,
    repositories,
    unpinned: pins.filter((pin) => pin === null).length,
  };
}

/** Each image once, with the first manifest that names it. */
async function manifestImages(files: readonly ListedFile[]): Promise<{ reference: string; usedBy: string }[]> {
  const found = new Map<string, string>();
  for (const { name, path, cached } of files) {
    if (!cached || !name.endsWith(".yaml")) continue;
    for (const reference of imagesOfManifest(await readFile(path, "utf8"))) {
      if (!found.has(reference)) found.set(reference, name);
    }
  }
  return [...found].map(([reference, usedBy]) => ({ reference, usedBy }));
}
