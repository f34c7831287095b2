import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { run } from "../../lib/command.ts";
import { environmentError } from "../../lib/errors.ts";
import type { Kube, KubeObject } from "../../lib/kube.ts";
import { loadManifests } from "../../lib/manifests.ts";
import { istiodNamed, istiodOf, mesh, revisionOf } from "../../lib/mesh.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { type Component, type Facts, lackedPart, type Target } from "./component.ts";
import { imageTag } from "./image-tag.ts";
import { istioImages } from "./istio-images.ts";
import { countsRequests } from "./istio-metrics.ts";
import { chosenIstiod, cniNode, factsOf, isCalledByMultus, revisionLabel } from "./found-istio.ts";
import { servesAttachments } from "./multus.ts";
import { rolledOut, withProbeNamespace } from "./probe.ts";

/**
 * One istiod with a revision, to which the default tag points, so that pods are injected by `istio.io/rev` and by
 * `istio-injection` alike; and istio-cni, called by Multus where that is there. Ready when a pod of a labelled namespace has come up with a
 * proxy: that takes the injection webhook, the CNI plugin, istiod's CA and its discovery service.
 */
export const istio: Component = {
  name: "istio",
  needs: [],
  after: ["multus"],
  provides: ["istio", "istio-cni"],
  namespaces: ["istio-system"],
  async find({ kube }) {
    const chosen = await chosenIstiod(kube);
    if (chosen === undefined || "unusable" in chosen) return chosen;
    return imageTag(chosen.istiod, "discovery");
  },
  lacks: (target) => lackedPart(target, ["istio/pilot"]),
  install: installByIstioctl,
  prove: proveInstallation,
  version: istiodVersion,
};

/** What istiod says of itself on its monitoring port, `1.31.1` of `1.31.1-<revision>-Clean`. */
async function istiodVersion(target: Target): Promise<string> {
  const name = (await istiodObject(target.kube))?.metadata.name ?? istiodOf(target.access);
  const path = `/api/v1/namespaces/istio-system/services/${name}:15014/proxy/version`;
  const answer = await target.kube.raw(path);
  return answer.trim().split("-")[0] ?? answer;
}

async function installByIstioctl(target: Target, signal: AbortSignal): Promise<void> {
  const { hub, tag, overlay } = istioImages(target.access.parts);
  const revision = revisionOf(target.access);
  const folder = await mkdtemp(join(tmpdir(), "vmesh-istio-"));
  try {
    const file = join(folder, "istio.yaml");
    const names = { revision, mesh: mesh.id, network: mesh.networks.cluster, cluster: mesh.cluster };
    const cni = await cniParameters(target);
    const parameters = { hub, tag, ...names, ...cni };
    const [operator, ...objects] = await loadManifests(join(import.meta.dirname, "istio.yaml"), parameters);
    await target.kube.apply(objects, { signal });
    await writeFile(file, stringify(operator));
    const files = [file];
    if (hasPlainEnvoy(target)) files.push(join(import.meta.dirname, "istio-plain-envoy.yaml"));
    if (overlay) {
      const pinned = join(folder, "images.yaml");
      await writeFile(pinned, stringify(overlay));
      files.push(pinned);
    }
    const args = ["install", "--skip-confirmation", "--kubeconfig", target.access.kubeconfig];
    args.push(...files.flatMap((one) => ["--filename", one]));
    await run(target.access.tools.istioctl, args, { signal, timeoutMs: timeouts.componentReady });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Providers that say so have Envoy's upstream build for a proxy; all others are taken to have Istio's. */
function hasPlainEnvoy({ access }: Target): boolean {
  return typeof access.capabilities["istio-metrics"] === "string";
}

/** Where there is Multus it calls istio-cni for pods that ask for it; else istio-cni is in the chain for every pod. */
async function cniParameters({ kube, access }: Target): Promise<Record<string, string | boolean>> {
  const multus = await servesAttachments(kube);
  const folders = access.cniFolders ?? { programs: "/opt/cni/bin", configurations: "/etc/cni/net.d" };
  return {
    cniProvider: multus ? "multus" : "default",
    cniChained: !multus,
    cniPrograms: folders.programs,
    cniConfigurations: multus ? "/etc/cni/multus/net.d" : folders.configurations,
  };
}

async function proveInstallation(target: Target, signal: AbortSignal): Promise<Facts> {
  const { kube } = target;
  const istiod = await istiodObject(kube);
  if (!istiod) throw environmentError("There is no istiod in `istio-system`.");
  const node = await cniNode(kube);
  const revision = istiod.metadata.labels?.[revisionLabel] ?? "default";
  await rolledOut(kube, { kind: "Deployment", namespace: "istio-system", name: istiodNamed(revision) }, signal);
  if (node) {
    const { name, namespace = "" } = node.metadata;
    await rolledOut(kube, { kind: "DaemonSet", namespace, name }, signal);
  }
  const facts = await factsOf(kube, revision);
  const known = { ...target, access: { ...target.access, mesh: facts } };
  const init = await proveInjection(known, revision, signal);
  const byMultus = facts.attachmentPerNamespace
    ? "Multus is asked for a definition of istio-cni in each pod's own namespace"
    : (await isCalledByMultus(kube)) || "Multus does not call istio-cni, which is in the chain of the nodes' CNI";
  return {
    mesh: facts,
    capabilities: {
      "istio-cni": (node && init.includes("istio-validation")) || "Istio is installed without its CNI plugin",
      "istio-cni-multus": byMultus,
      "istio-metrics": await countsRequests(target, revision),
      "native-sidecars": init.includes("istio-proxy") || "Istio does not inject its proxy as a native sidecar here",
    },
  };
}

/**
 * By the revision and by the label that only works where the default tag points at one. Returns the names of the
 * injected pod's init containers.
 */
async function proveInjection(target: Target, revision: string, signal: AbortSignal): Promise<string[]> {
  const labels = { tag: { "istio-injection": "enabled" }, revision: { "istio.io/rev": revision } };
  const prove = async ([by, label]: [string, Record<string, string>]) => {
    const options = { name: `vmesh-probe-istio-${by}`, labels: label, signal };
    return withProbeNamespace(target, options, async ({ startPod }) => {
      const { init, all } = containerNames(await startPod({ name: "injected" }));
      if (all.includes("istio-proxy")) return init;
      throw environmentError(`A pod of a namespace labelled ${JSON.stringify(label)} got no proxy.`, {
        evidence: `its containers: ${all.join(", ")}`,
        hint: `point the default tag at the revision: \`istioctl tag set default --revision ${revision}\``,
      });
    });
  };
  const [init = []] = await Promise.all(Object.entries(labels).map(prove));
  return init;
}

/** Names of the containers; a native sidecar is an init container. */
function containerNames(pod: KubeObject): { init: string[]; all: string[] } {
  const spec = pod["spec"] as { containers: { name: string }[]; initContainers?: { name: string }[] };
  const init = (spec.initContainers ?? []).map(({ name }) => name);
  return { init, all: [...init, ...spec.containers.map(({ name }) => name)] };
}

/** The istiod that vmesh uses; one that it cannot use is an error by now. */
async function istiodObject(kube: Kube): Promise<KubeObject | undefined> {
  const chosen = await chosenIstiod(kube);
  if (chosen && "unusable" in chosen) throw environmentError(`${chosen.unusable}.`);
  return chosen?.istiod;
}
