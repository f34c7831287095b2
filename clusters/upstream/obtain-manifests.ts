import { type ObtainOptions, obtainFile } from "../obtain-file.ts";
import { addonNames, type ClusterAccess } from "../provider.ts";
import type { VersionSet } from "../version-set.ts";
import { obtainAddons } from "./obtain-addons.ts";

/** Components that are installed from a set's files as they are, by the file's name. */
const files: Readonly<Record<string, string>> = {
  "gateway-api.yaml": "gateway-api",
  ...Object.fromEntries(addonNames.map((name) => [`addons/${name}.yaml`, name])),
};

/** Names of the files that `obtainManifests` takes of a set for these components. */
export function manifestFiles(set: VersionSet, install: ClusterAccess["install"]): string[] {
  const isWanted = (component: string) => typeof install === "string" || install.includes(component);
  return Object.entries(files).flatMap(([file, component]) => (file in set.files && isWanted(component) ? [file] : []));
}

/**
 * The manifests of the Gateway API and of the addons, as their projects publish them: those that a version set has, of
 * the components that are to be installed. Throws as `obtainFile` does.
 */
export async function obtainManifests(
  set: VersionSet,
  options: ObtainOptions,
  install: ClusterAccess["install"] = "missing",
): Promise<ClusterAccess["manifests"]> {
  const hasGatewayApi = manifestFiles(set, install).includes("gateway-api.yaml");
  return {
    ...(hasGatewayApi && { "gateway-api": await obtainFile(set, "gateway-api.yaml", options) }),
    ...(await obtainAddons(set, options, typeof install === "string" ? addonNames : install)),
  };
}
