import { environmentError } from "../../lib/errors.ts";
import type { Kube } from "../../lib/kube.ts";
import { meshOf } from "../../lib/mesh.ts";
import { addonNames, type ClusterAccess, type CreateOptions, type ManifestName } from "../provider.ts";
import { mirrored } from "../upstream/mirror.ts";
import { obtainAddons } from "../upstream/obtain-addons.ts";
import { operatorManifest } from "../upstream/operator-manifest.ts";
import { partsOf } from "../upstream/upstream-image.ts";
import { loadVersionSet, type VersionSet } from "../version-set.ts";
import { istioctlOf, usualSet } from "./istioctl.ts";
import type { KubeconfigSettings } from "./settings.ts";
import { type ClusterSight, dnsAddress, serviceRange, workers } from "./sight.ts";

/** Where files of the version set come from, and how that is told. */
type FileWork = Pick<CreateOptions, "cacheDir" | "mirror" | "offline" | "log"> & { signal: AbortSignal };

/** The cluster as the components and checks see it; what is to be installed is fetched. */
export async function accessOf(
  parts: { kubeconfig: string; kube: Kube; sight: ClusterSight; settings: KubeconfigSettings },
  options: CreateOptions,
  signal: AbortSignal,
): Promise<ClusterAccess> {
  const { kubeconfig, kube, sight, settings } = parts;
  const { images, external, machines, loadBalancer, install, emulation, timeScale } = settings;
  if (!images) {
    throw environmentError("The images of vmesh's own, `workload` and `guest`, are not named.", {
      hint: "`scripts/vmesh artifacts --push REGISTRY` prints the lines for `settings.kubeconfig.images`",
    });
  }
  const able = workers(sight);
  const two = able.length > 1 || `of ${sight.nodes.length} nodes ${able.length} is Ready and takes pods`;
  const { cniFolders } = sight.platform;
  const { vm } = machines;
  const [serviceSubnet, clusterDns] = [await serviceRange(kube), await dnsAddress(kube)];
  return {
    kubeconfig,
    nodes: sight.nodes.filter(({ isReady }) => isReady).map(({ name, address }) => ({ name, address })),
    capabilities: {
      "external-host": external !== undefined || "the setting `external` names no host",
      "two-nodes": two,
      "live-migration": two,
    },
    versions: { kubernetes: sight.version },
    images,
    install,
    ...(await toInstall(install, options, signal)),
    ...(cniFolders && { cniFolders }),
    ...(settings.starlingx && { starlingx: settings.starlingx }),
    ...(serviceSubnet !== undefined && { serviceSubnet }),
    ...(clusterDns !== undefined && { clusterDns }),
    emulation,
    endpoints: external === undefined ? {} : { external },
    ...(loadBalancer !== undefined && { loadBalancer }),
    machines: vm ? { vm } : {},
    tools: { istioctl: await istioctlOf(settings, options, signal) },
    timeScale,
  };
}

/** Images and manifests of the version set, if anything is to be installed at all. */
async function toInstall(
  install: KubeconfigSettings["install"],
  { versions, cacheDir, mirror, offline, log }: CreateOptions,
  signal: AbortSignal,
): Promise<Pick<ClusterAccess, "parts" | "manifests" | "mesh">> {
  if (install.length === 0) return { parts: {}, manifests: {} };
  const set = await loadVersionSet(versions ?? usualSet);
  const wantsKubevirt = install === "missing" || install.includes("kubevirt");
  const work = { cacheDir, mirror, offline, log, signal };
  const addons = await obtainAddons(set, work, install === "missing" ? addonNames : install);
  return {
    parts: await partsOf(set, { mirror }),
    manifests: { ...(wantsKubevirt && (await manifestsOf(set, work))), ...addons },
    // Names the revision of an Istio that is installed; of one that is there its own counts.
    mesh: meshOf({ versions: set.versions }),
  };
}

async function manifestsOf(set: VersionSet, work: FileWork): Promise<Partial<Record<ManifestName, string>>> {
  if (!set.files["kubevirt-operator.yaml"]) return {};
  const operator = mirrored.reference(set.images["kubevirt/virt-operator"] ?? "", work.mirror);
  const prefix = operator.slice(0, operator.lastIndexOf("/"));
  return { "kubevirt-operator": await operatorManifest(set, prefix, work) };
}
