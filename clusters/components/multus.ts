import { environmentError } from "../../lib/errors.ts";
import type { Kube, KubeObject } from "../../lib/kube.ts";
import { loadManifests } from "../../lib/manifests.ts";
import type { Component, Target } from "./component.ts";
import { imageTag } from "./image-tag.ts";
import { withProbeNamespace } from "./probe.ts";

const NETWORKS = "k8s.v1.cni.cncf.io/networks";
const STATUS = "k8s.v1.cni.cncf.io/network-status";

/** Multus: a pod gets a further interface for each NetworkAttachmentDefinition its annotation names. */
export const multus: Component = {
  name: "multus",
  needs: [],
  provides: ["multus"],
  namespaces: ["kube-system"],
  async find({ kube }) {
    return (await servesAttachments(kube)) ? imageTag(await daemonSetOf(kube)) : undefined;
  },
  lacks: ({ access }) =>
    access.manifests.multus ? undefined : "the provider has no manifests of Multus for its nodes",
  async install(target, signal) {
    const file = target.access.manifests.multus;
    if (!file) throw environmentError("The provider has no manifests of Multus.");
    await target.kube.apply(await loadManifests(file, {}), { signal });
  },
  prove: proveAttachment,
  // In the lab the plugin is part of the node; the provider knows which one it put there.
  version: async ({ access, kube }) => access.versions["multus"] ?? imageTag(await daemonSetOf(kube)),
};

/** Whether the cluster has the kind by which pods ask for further interfaces. */
export async function servesAttachments(kube: Kube): Promise<boolean> {
  return kube.serves("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition");
}

/** Multus on the nodes, in whatever namespace and under whatever name a distribution puts it; none where it is part of the node. */
async function daemonSetOf(kube: Kube): Promise<KubeObject | undefined> {
  const all = await kube.list({ apiVersion: "apps/v1", kind: "DaemonSet" });
  return all.find(({ metadata }) => /multus/.test(metadata.name));
}

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
