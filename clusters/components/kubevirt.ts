import { join } from "node:path";
import { environmentError } from "../../lib/errors.ts";
import type { Kube, KubeObject } from "../../lib/kube.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { loadManifests } from "../../lib/manifests.ts";
import { eventually } from "../../lib/wait.ts";
import { type Component, lackedPart, partOf, type Target } from "./component.ts";
import { isContentKey } from "./image-tag.ts";
import { withProbeNamespace } from "./probe.ts";

const parts = ["virt-operator", "virt-api", "virt-controller", "virt-handler", "virt-launcher"] as const;

/** KubeVirt by its operator. Ready when its webhooks accept a VirtualMachine and every node with its agent takes VMIs. */
export const kubevirt: Component = {
  name: "kubevirt",
  needs: [],
  provides: ["kubevirt"],
  namespaces: ["kubevirt"],
  async find({ kube }) {
    const custom = await customOf(kube);
    return custom && (versionOf(custom) ?? "unknown");
  },
  lacks(target) {
    const { manifests } = target.access;
    if (manifests["kubevirt-operator"]) return undefined;
    if (!manifests.kubevirt) return "the provider has no manifests of KubeVirt";
    return lackedPart(
      target,
      parts.map((part) => `kubevirt/${part}`),
    );
  },
  async install(target, signal) {
    const release = target.access.manifests["kubevirt-operator"];
    const objects = release ? await releaseObjects(target, release) : await builtObjects(target);
    await target.kube.apply(objects, { signal });
  },
  async prove(target, signal) {
    const namespace = await becomesAvailable(target, signal);
    await proveWebhooks(target, signal);
    await nodesTakeVmis(target, namespace, signal);
  },
  // An operator of the lab's images takes their tag for its version; the provider knows which one it built.
  async version({ access, kube }) {
    const custom = await customOf(kube);
    return (custom && versionOf(custom)) ?? access.versions["kubevirt"] ?? "unknown";
  },
};

/** The release's own operator, and the object that tells it to install KubeVirt. */
async function releaseObjects({ access }: Target, file: string): Promise<KubeObject[]> {
  const all = await loadManifests(join(import.meta.dirname, "kubevirt-cr.yaml"), { emulation: access.emulation });
  return [...(await loadManifests(file, {})), ...all];
}

/** What KubeVirt's generator writes, with an operator of vmesh's images. */
async function builtObjects(target: Target): Promise<KubeObject[]> {
  const { manifests, versions, emulation } = target.access;
  if (!manifests.kubevirt) throw environmentError("The provider has no manifests of KubeVirt.");
  const images = parts.map((part) => [`image.${part}`, partOf(target, `kubevirt/${part}`)] as const);
  const parameters = { ...Object.fromEntries(images), version: versions["kubevirt"] ?? "unknown" };
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kubevirt" } };
  return [
    namespace,
    ...(await loadManifests(manifests.kubevirt, {})),
    ...(await loadManifests(join(import.meta.dirname, "kubevirt-operator.yaml"), parameters)),
    ...(await loadManifests(join(import.meta.dirname, "kubevirt-cr.yaml"), { emulation })),
  ];
}

/** The object that stands for the installation, wherever it is: there is one in a cluster at most. */
export async function customOf(kube: Kube): Promise<KubeObject | undefined> {
  const kind = { apiVersion: "kubevirt.io/v1", kind: "KubeVirt" };
  if (!(await kube.serves(kind.apiVersion, kind.kind))) return undefined;
  return (await kube.list(kind))[0];
}

/** The version that KubeVirt tells of itself, if it tells one. */
export function versionOf(custom: KubeObject): string | undefined {
  const { observedKubeVirtVersion, operatorVersion } = (custom["status"] ?? {}) as Record<string, string | undefined>;
  const told = observedKubeVirtVersion || operatorVersion;
  return told && !isContentKey(told) ? told : undefined;
}

/** Returns the namespace that KubeVirt is in. */
async function becomesAvailable(target: Target, signal: AbortSignal): Promise<string> {
  const what = "KubeVirt is Available and Deployed";
  return eventually({ what, budgetMs: timeouts.componentReady, intervalMs: 500, signal }, async () => {
    type Status = { phase?: string; conditions?: { type: string; status: string; message?: string }[] };
    const custom = await customOf(target.kube);
    const status = (custom?.["status"] ?? {}) as Status;
    const available = status.conditions?.find((condition) => condition.type === "Available");
    if (status.phase === "Deployed" && available?.status === "True") return custom?.metadata.namespace ?? "kubevirt";
    throw new Error(
      `phase ${status.phase ?? "none"}, Available ${available?.status ?? "unknown"}: ${available?.message ?? "no message"}`,
    );
  });
}

async function proveWebhooks(target: Target, signal: AbortSignal): Promise<void> {
  await withProbeNamespace(target, { name: "vmesh-probe-kubevirt", signal }, async ({ name }) => {
    const machine = {
      apiVersion: "kubevirt.io/v1",
      kind: "VirtualMachine",
      metadata: { name: "probe", namespace: name },
      spec: {
        runStrategy: "Halted",
        template: { spec: { domain: { devices: {}, memory: { guest: "64Mi" } } } },
      },
    };
    const what = "KubeVirt's webhooks accept a VirtualMachine";
    await eventually({ what, budgetMs: timeouts.componentReady, intervalMs: 500, signal }, () =>
      target.kube.apply([machine], { signal }),
    );
  });
}

/** As many as run virt-handler: on tainted nodes it does not. */
async function nodesTakeVmis(target: Target, namespace: string, signal: AbortSignal): Promise<void> {
  const what = "every node with virt-handler is labelled kubevirt.io/schedulable=true";
  const agent = { apiVersion: "apps/v1", kind: "DaemonSet", namespace, name: "virt-handler" };
  await eventually({ what, budgetMs: timeouts.componentReady, intervalMs: 500, signal }, async () => {
    const { desiredNumberScheduled = 0 } = ((await target.kube.get(agent))?.["status"] ?? {}) as Record<string, number>;
    const labelSelector = "kubevirt.io/schedulable=true";
    const nodes = await target.kube.list({ apiVersion: "v1", kind: "Node", labelSelector });
    if (nodes.length < Math.max(1, desiredNumberScheduled))
      throw new Error(`${nodes.length} of ${desiredNumberScheduled} are`);
  });
}
