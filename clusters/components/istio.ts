import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { run } from "../../lib/command.ts";
import { environmentError } from "../../lib/errors.ts";
import type { KubeObject } from "../../lib/kube.ts";
import { loadManifests } from "../../lib/manifests.ts";
import { istiodOf, mesh, revisionOf } from "../../lib/mesh.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { type Component, partOf, type Target } from "./component.ts";
import { rolledOut, withProbeNamespace } from "./probe.ts";

/**
 * One istiod with a revision, to which the default tag points, so that pods are injected by `istio.io/rev` and by
 * `istio-injection` alike; and istio-cni, with Multus calling the CNI plugin. Ready when a pod of a labelled namespace has come up with a
 * proxy: that takes the injection webhook, the CNI plugin, istiod's CA and its discovery service.
 */
export const istio: Component = {
  name: "istio",
  needs: ["multus"],
  provides: ["istio", "istio-cni"],
  namespaces: ["istio-system"],
  async install(target, signal) {
    await installByIstioctl(target, signal);
    await Promise.all([
      rolledOut(target.kube, { kind: "Deployment", namespace: "istio-system", name: istiodOf(target.access) }, signal),
      rolledOut(target.kube, { kind: "DaemonSet", namespace: "istio-system", name: "istio-cni-node" }, signal),
    ]);
    await proveInjection(target, signal);
  },
  version: istiodVersion,
};

/** What istiod says of itself on its monitoring port, `1.31.1` of `1.31.1-<revision>-Clean`. */
async function istiodVersion(target: Target): Promise<string> {
  const path = `/api/v1/namespaces/istio-system/services/${istiodOf(target.access)}:15014/proxy/version`;
  const answer = await target.kube.raw(path);
  return answer.trim().split("-")[0] ?? answer;
}

async function installByIstioctl(target: Target, signal: AbortSignal): Promise<void> {
  // hub/pilot:tag; istioctl derives the other images from the two.
  const [, hub, tag] = /^(.+)\/pilot:([^/:]+)$/.exec(partOf(target, "istio/pilot")) ?? [];
  if (!hub || !tag) throw environmentError("The image of `istio/pilot` is not of the form HUB/pilot:TAG.");
  const revision = revisionOf(target.access);
  const folder = await mkdtemp(join(tmpdir(), "vmesh-istio-"));
  try {
    const file = join(folder, "istio.yaml");
    const names = { revision, mesh: mesh.id, network: mesh.networks.cluster, cluster: mesh.cluster };
    const [operator, ...objects] = await loadManifests(join(import.meta.dirname, "istio.yaml"), { hub, tag, ...names });
    await target.kube.apply(objects, { signal });
    await writeFile(file, stringify(operator));
    const args = ["install", "--skip-confirmation", "--kubeconfig", target.access.kubeconfig, "--filename", file];
    await run(target.access.tools.istioctl, args, { signal, timeoutMs: timeouts.componentReady });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** By the revision and by the label that only works where the default tag points at one. */
async function proveInjection(target: Target, signal: AbortSignal): Promise<void> {
  const revision = revisionOf(target.access);
  const labels = { tag: { "istio-injection": "enabled" }, revision: { "istio.io/rev": revision } };
  const prove = async ([by, label]: [string, Record<string, string>]) => {
    const options = { name: `vmesh-probe-istio-${by}`, labels: label, signal };
    await withProbeNamespace(target, options, async ({ startPod }) => {
      const names = containerNames(await startPod({ name: "injected" }));
      if (!names.includes("istio-proxy")) {
        throw environmentError(`A pod of a namespace labelled ${JSON.stringify(label)} got no proxy.`, {
          evidence: `its containers: ${names.join(", ")}`,
        });
      }
    });
  };
  await Promise.all(Object.entries(labels).map(prove));
}

/** Names of all containers; a native sidecar is an init container. */
function containerNames(pod: KubeObject): string[] {
  const spec = pod.spec as { containers: { name: string }[]; initContainers?: { name: string }[] };
  return [...(spec.initContainers ?? []), ...spec.containers].map((container) => container.name);
}
