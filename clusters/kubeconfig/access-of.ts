import { bookinfoDeployments, bookinfoPart } from "../../lib/bookinfo.ts";
import { environmentError } from "../../lib/errors.ts";
import type { Kube } from "../../lib/kube.ts";
import { meshOf } from "../../lib/mesh.ts";
import type { ClusterAccess, CreateOptions } from "../provider.ts";
import { mirrored } from "../upstream/mirror.ts";
import { manifestFiles, obtainManifests } from "../upstream/obtain-manifests.ts";
import { operatorManifest } from "../upstream/operator-manifest.ts";
import { partsOf } from "../upstream/upstream-image.ts";
import { loadVersionSet, type VersionSet } from "../version-set.ts";
import { istioctlOf, usualSet } from "./istioctl.ts";
import { isAdministrator } from "./judge-rights.ts";
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
  const { bookinfo, ...ours } = images;
  const release = await fromRelease(install, options, signal);
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
      "cluster-admin": (await isAdministrator(kube)) || "the user is not allowed everything on the cluster",
    },
    versions: { kubernetes: sight.version },
    images: ours,
    install,
    ...release,
    parts: { ...release.parts, ...(bookinfo !== undefined && playedBy(bookinfo)) },
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

/** Every service of Bookinfo by one image, as vmesh's stand-in is. */
function playedBy(image: string): Record<string, string> {
  return Object.fromEntries(bookinfoDeployments.map((name) => [bookinfoPart(name), image]));
}

/** What the version set has for the cluster: images, Bookinfo's for checks among them, and manifests of what is to be installed. */
async function fromRelease(
  install: KubeconfigSettings["install"],
  { versions, cacheDir, mirror, offline, log }: CreateOptions,
  signal: AbortSignal,
): Promise<Pick<ClusterAccess, "parts" | "manifests" | "mesh">> {
  const set = await loadVersionSet(versions ?? usualSet);
  const parts = await partsOf(set, { mirror });
  if (install.length === 0) return { parts, manifests: {} };
  const work = { cacheDir, mirror, offline, log, signal };
  return {
    parts,
    manifests: { ...(await operatorOf(set, install, work)), ...(await obtainManifests(set, work, install)) },
    // Names the revision of an Istio that is installed; of one that is there its own counts.
    mesh: meshOf({ versions: set.versions }),
  };
}

/** Names of the files that are taken of a set for what is to be installed. */
export function filesToInstall(set: VersionSet, install: KubeconfigSettings["install"]): string[] {
  const operator = "kubevirt-operator.yaml";
  return [...(takesOperator(set, install) ? [operator] : []), ...manifestFiles(set, install)];
}

function takesOperator(set: VersionSet, install: KubeconfigSettings["install"]): boolean {
  return "kubevirt-operator.yaml" in set.files && (install === "missing" || install.includes("kubevirt"));
}

async function operatorOf(
  set: VersionSet,
  install: KubeconfigSettings["install"],
  work: FileWork,
): Promise<ClusterAccess["manifests"]> {
  if (!takesOperator(set, install)) return {};
  const operator = mirrored.reference(set.images["kubevirt/virt-operator"] ?? "", work.mirror);
  const prefix = operator.slice(0, operator.lastIndexOf("/"));
  return { "kubevirt-operator": await operatorManifest(set, prefix, work) };
}
