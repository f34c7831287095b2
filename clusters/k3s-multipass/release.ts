import { usageError } from "../../lib/errors.ts";
import { manifestFiles } from "../upstream/obtain-manifests.ts";
import { loadVersionSet, type VersionSet } from "../version-set.ts";
import type { K3sSettings } from "./settings.ts";

/** The version set, with other versions of what the section names. Throws as `loadVersionSet` does. */
export function setOf({ k3sVersion, istioVersion }: K3sSettings, versions = "current"): Promise<VersionSet> {
  return loadVersionSet(versions, {
    ...(k3sVersion && { k3s: k3sVersion }),
    ...(istioVersion && { istio: istioVersion }),
  });
}

const operator = "kubevirt-operator.yaml" as const;

/** Throws a usage error where neither the set nor the section has a file: before there is anything to remove. */
export function demandFiles({ name, files }: VersionSet, settings: K3sSettings): void {
  const lacking = neededFiles(settings).filter(
    (file) => settings.files[file] === undefined && files[file] === undefined,
  );
  if (lacking.length === 0) return;
  throw usageError(`Version set \`${name}\` has no ${lacking.map((file) => `\`${file}\``).join(", ")}.`, {
    hint: "use one that has k3s, `--versions current` or `2023-istio-vms`, or name files in `files`",
  });
}

/** Names of the files of a set that are fetched. */
export function fetchedFiles(set: VersionSet, settings: K3sSettings): string[] {
  const wanted = [...neededFiles(settings), ...(takesKubevirt(set, settings) ? [operator] : [])];
  return [...wanted.filter((file) => settings.files[file] === undefined), ...manifestFiles(set, "missing")];
}

/** KubeVirt is installed where there is a guest for it. */
export function takesKubevirt({ files }: VersionSet, { images }: K3sSettings): boolean {
  return images.guest !== undefined && files[operator] !== undefined;
}

function neededFiles({ externalVm }: K3sSettings): (keyof K3sSettings["files"])[] {
  return ["k3s", "k3s-install.sh", "istioctl", ...(externalVm ? (["istio-sidecar.deb"] as const) : [])];
}
