import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { environmentError } from "../../lib/errors.ts";
import { cacheEntry } from "../lab/cache.ts";
import { obtainFile, type ObtainOptions } from "../obtain-file.ts";
import type { VersionSet } from "../version-set.ts";

/**
 * The path of the released manifest of KubeVirt's operator, with its images at `prefix` (`HOST/PATH`) instead of where
 * the project publishes them. Throws an environment error if it does not run the operator that the set names.
 */
export async function operatorManifest(set: VersionSet, prefix: string, options: ObtainOptions): Promise<string> {
  const released = await obtainFile(set, "kubevirt-operator.yaml", options);
  const operator = set.images["kubevirt/virt-operator"] ?? "";
  const { cacheDir: root, log, signal } = options;
  const key = [basename(dirname(released)), operator, prefix];
  const folder = await cacheEntry({ root, kind: "kubevirt-operator", key, log, signal }, async (target) => {
    await writeFile(
      join(target, "kubevirt-operator.yaml"),
      withImagesAt(prefix, await readFile(released, "utf8"), operator),
    );
  });
  return join(folder, "kubevirt-operator.yaml");
}

/** As text: the operator finds the images of the other programs beside its own, by names that no field holds. */
export function withImagesAt(prefix: string, manifest: string, operator: string): string {
  if (!manifest.includes(operator)) {
    throw environmentError(
      `The released manifest of KubeVirt does not name \`${operator}\`, expected it as its operator.`,
    );
  }
  return manifest.replaceAll(`${operator.slice(0, operator.lastIndexOf("/"))}/`, `${prefix}/`);
}
