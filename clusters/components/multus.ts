import { join } from "node:path";
import { loadManifests } from "../../lib/manifests.ts";
import type { Component, Target } from "./component.ts";
import { withProbeNamespace } from "./probe.ts";

const NETWORKS = "k8s.v1.cni.cncf.io/networks";
const STATUS = "k8s.v1.cni.cncf.io/network-status";

/** Multus: a pod gets a further interface for each NetworkAttachmentDefinition its annotation names. */
export const multus: Component = {
  name: "multus",
  needs: [],
  provides: ["multus"],
  namespaces: ["kube-system"],
  async install(target, signal) {
    await target.kube.apply(await loadManifests(join(import.meta.dirname, "multus.yaml"), {}), { signal });
    await proveAttachment(target, signal);
  },
  // The plugin is part of the node; the provider knows which one it put there.
  version: async (target) => target.access.versions.multus ?? "unknown",
};

async function proveAttachment(target: Target, signal: AbortSignal): Promise<void> {
  await withProbeNamespace(target, { name: "vmesh-probe-multus", signal }, async ({ name, startPod }) => {
    const config = { cniVersion: "0.3.1", type: "bridge", bridge: "probe0", ipam: {} };
    const attachment = {
      apiVersion: "k8s.cni.cncf.io/v1",
      kind: "NetworkAttachmentDefinition",
      metadata: { name: "probe", namespace: name },
      spec: { config: JSON.stringify(config) },
    };
    await target.kube.apply([attachment], { signal });
    const pod = await startPod({ name: "attached", annotations: { [NETWORKS]: "probe" } });
    const networks: { name: string }[] = JSON.parse(pod.metadata.annotations?.[STATUS] ?? "[]");
    if (networks.some((network) => network.name === `${name}/probe`)) return;
    throw new Error(`Multus did not attach \`${name}/probe\`; the pod has ${JSON.stringify(networks)}.`);
  });
}
