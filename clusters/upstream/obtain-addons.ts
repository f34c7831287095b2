import { type AddonName, addonNames } from "../provider.ts";
import { type ObtainOptions, obtainFile } from "../obtain-file.ts";
import type { VersionSet } from "../version-set.ts";

/**
 * The files of those of the wanted addons that a version set has, from Istio's samples: for `ClusterAccess.manifests` of
 * providers whose clusters can pull the images in them. Throws as `obtainFile` does.
 */
export async function obtainAddons(
  set: VersionSet,
  options: ObtainOptions,
  wanted: readonly string[] = addonNames,
): Promise<Partial<Record<AddonName, string>>> {
  const known = addonNames.filter((name) => wanted.includes(name) && set.files[`addons/${name}.yaml`]);
  const files = known.map(async (name) => [name, await obtainFile(set, `addons/${name}.yaml`, options)] as const);
  return Object.fromEntries(await Promise.all(files));
}
