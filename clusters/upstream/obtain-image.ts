import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { environmentError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { cacheEntry } from "../lab/cache.ts";
import type { VersionSet } from "../version-set.ts";
import { type DownloadOptions, save } from "./download.ts";
import { parseReference, versionOf } from "./image-reference.ts";
import { isPlain } from "./mirror.ts";
import { blobsOf, digestFor, hexOf, manifestTypes } from "./image-manifest.ts";
import { digestOf, manifestOf, type RegistryApi, registryAt } from "./registry-api.ts";
import type { FileOptions } from "./upstream-file.ts";
import { emptyLock } from "./version-lock.ts";
import { describeImage, imagesNotInCache, type UpstreamImage } from "./upstream-image.ts";

export interface ObtainImageOptions extends FileOptions, DownloadOptions {
  /** Fetch nothing: what is not in the cache is an error. */
  offline?: boolean | undefined;
  log: Log;
}

/**
 * The folder with an image of the set in vmesh's cache, in the OCI image layout and for one platform: pulled if it is
 * not there yet. Everything in it is checked against the digest it is named by, beginning with the lock's. Throws an
 * environment error for what cannot be had or is something else, and, where nothing may be fetched, if it is not there.
 */
export async function obtainImage(set: VersionSet, part: string, options: ObtainImageOptions): Promise<string> {
  const { log, signal, offline = false } = options;
  const image = await describeImage(set, part, options);
  if (offline && !image.cached) throw imagesNotInCache(set, [image]);
  return cacheEntry({ ...image.entry, log, signal }, async (folder) => {
    log.info(`pulling ${part}${image.digest ? "" : ", unpinned,"} from ${image.pulled}`);
    await pull(image, folder, options);
  });
}

/** The digest that an image of the set has at its registry now, for all platforms together. */
export async function currentDigest(
  set: VersionSet,
  part: string,
  options: FileOptions & { signal: AbortSignal },
): Promise<string> {
  const { mirror, signal } = options;
  const { pulled } = await describeImage(set, part, { ...options, lock: emptyLock() });
  const { host, name, ...version } = parseReference(pulled);
  return digestOf(registryAt(host, { signal, plain: isPlain(mirror) }), name, versionOf({ host, name, ...version }));
}

async function pull(image: UpstreamImage, folder: string, options: ObtainImageOptions): Promise<void> {
  const reference = parseReference(image.pulled);
  const api = registryAt(reference.host, { ...options, plain: isPlain(options.mirror) });
  const manifest = await manifestFor(image, reference.name, versionOf(reference), api);
  const blobs = join(folder, "blobs/sha256");
  await mkdir(blobs, { recursive: true });
  await writeFile(join(blobs, hexOf(manifest.digest)), manifest.text);
  const wanted = blobsOf(manifest.text, image.reference);
  for (const [index, digest] of wanted.entries()) {
    const ask = (signal: AbortSignal) => api.ask(reference.name, `blobs/${digest}`, { signal });
    const label = `${reference.host}/${reference.name}@${digest}`;
    const got = await save(label, ask, join(blobs, hexOf(digest)), options);
    if (got !== hexOf(digest)) throw wrongBlob(label, digest, got);
    options.log.debug(`${image.part}: ${index + 1} of ${wanted.length} blobs are here`);
  }
  const size = Buffer.byteLength(manifest.text);
  const index = { schemaVersion: 2, manifests: [{ mediaType: manifest.type, digest: manifest.digest, size }] };
  await writeFile(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await writeFile(join(folder, "index.json"), JSON.stringify(index));
}

/** The manifest of the platform: what the registry has, or the one that its list names. */
async function manifestFor(image: UpstreamImage, name: string, version: string, api: RegistryApi) {
  const first = await manifestOf(api, name, version);
  if (!(manifestTypes.list as readonly string[]).includes(first.type)) return first;
  return manifestOf(api, name, digestFor(first.text, image.reference, image.platform));
}

function wrongBlob(label: string, expected: string, got: string) {
  const evidence = `expected ${expected}\ngot      sha256:${got}`;
  return environmentError(`${label} is not what its name says.`, { evidence });
}
