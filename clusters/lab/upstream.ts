import { environmentError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { obtainFile } from "../obtain-file.ts";
import { parseReference } from "../upstream/image-reference.ts";
import { obtainImage } from "../upstream/obtain-image.ts";
import { operatorManifest } from "../upstream/operator-manifest.ts";
import { describeFile, notInCache, type UpstreamFile } from "../upstream/upstream-file.ts";
import { describeImage, imagesNotInCache, type UpstreamImage } from "../upstream/upstream-image.ts";
import type { VersionSet } from "../version-set.ts";
import { type ImageName, imageNames } from "./image-table.ts";
import { registryName } from "./registry.ts";

export interface UpstreamOptions {
  cacheDir: string;
  mirror?: string | undefined;
  offline?: boolean | undefined;
  log: Log;
  signal: AbortSignal;
}

/** An image that is not built: where it is in the cache, and its name in the lab's registry, with the tag of its project. */
export interface UpstreamImageOfLab {
  layout: string;
  reference: string;
}

/** What of a version set takes the place of what the lab would build. What the set does not have is built. */
export interface UpstreamParts {
  versions: Record<string, string>;
  images: Partial<Record<ImageName, UpstreamImageOfLab>>;
  /** Path of the release's istioctl; without it Istio is built. */
  istioctl?: string;
  /** Path of the release's manifest of KubeVirt's operator, with images of the lab's registry; without it KubeVirt is built. */
  kubevirtOperator?: string;
}

const families = [
  { name: "istio", files: ["istioctl"], images: imageNames.filter((name) => name.startsWith("istio/")) },
  {
    name: "kubevirt",
    files: ["kubevirt-operator.yaml"],
    images: imageNames.filter((name) => name.startsWith("kubevirt/")),
  },
] as const;

/** The files and images that the lab takes of a set. A family of which the set lacks one is built as a whole. */
export function takenOf(set: VersionSet): { families: string[]; files: string[]; images: ImageName[] } {
  const whole = families.filter(
    ({ files, images }) => files.every((name) => name in set.files) && images.every((name) => name in set.images),
  );
  return {
    families: whole.map(({ name }) => name),
    files: whole.flatMap(({ files }) => files),
    images: whole.flatMap(({ images }) => images),
  };
}

/** What of it the cache does not have. */
export async function lackedOf(
  set: VersionSet,
  options: Pick<UpstreamOptions, "cacheDir" | "mirror">,
): Promise<{ files: UpstreamFile[]; images: UpstreamImage[] }> {
  const { files, images } = takenOf(set);
  const [allFiles, allImages] = await Promise.all([
    Promise.all(files.map((name) => describeFile(set, name, options))),
    Promise.all(images.map((name) => describeImage(set, name, options))),
  ]);
  return { files: allFiles.filter(({ cached }) => !cached), images: allImages.filter(({ cached }) => !cached) };
}

/** Throws an environment error that names all that the lab takes of a set and the cache does not have. */
export async function demandInCache(
  set: VersionSet,
  options: Pick<UpstreamOptions, "cacheDir" | "mirror">,
): Promise<void> {
  const { files, images } = await lackedOf(set, options);
  const errors = [
    ...(files.length > 0 ? [notInCache(set, files)] : []),
    ...(images.length > 0 ? [imagesNotInCache(set, images)] : []),
  ];
  const [first] = errors;
  if (!first) return;
  const count = files.length + images.length;
  throw environmentError(
    `Nothing may be fetched, and the cache lacks ${count} things of version set \`${set.name}\`.`,
    {
      evidence: errors.map(({ evidence }) => evidence).join("\n"),
      ...(first.hint !== undefined && { hint: first.hint }),
    },
  );
}

/**
 * Fetches what the lab takes of a set, as far as the cache does not have it. Throws an environment error for what cannot
 * be had, and, where nothing may be fetched, one for everything that is not there.
 */
export async function obtainUpstream(set: VersionSet, options: UpstreamOptions): Promise<UpstreamParts> {
  if (options.offline) await demandInCache(set, options);
  const taken = takenOf(set);
  const images: UpstreamParts["images"] = {};
  for (const [index, name] of taken.images.entries()) {
    const { tag } = parseReference(set.images[name] ?? "");
    images[name] = { layout: await obtainImage(set, name, options), reference: `${registryName}/${name}:${tag}` };
    options.log.step(index + 1, taken.images.length, `released image ${name} is here`);
  }
  const has = (file: string) => taken.files.includes(file);
  return {
    versions: Object.fromEntries(taken.families.map((name) => [name, set.versions[name] ?? "unknown"])),
    images,
    ...(has("istioctl") && { istioctl: await obtainFile(set, "istioctl", options) }),
    ...(has("kubevirt-operator.yaml") && {
      kubevirtOperator: await operatorManifest(set, `${registryName}/kubevirt`, options),
    }),
  };
}
