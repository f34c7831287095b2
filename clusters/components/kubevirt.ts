import { join } from "node:path";
import { timeouts } from "../../lib/timeouts.ts";
import { loadManifests } from "../../lib/manifests.ts";
import { eventually } from "../../lib/wait.ts";
import { type Component, partOf, type Target } from "./component.ts";
import { withProbeNamespace } from "./probe.ts";

const custom = { apiVersion: "kubevirt.io/v1", kind: "KubeVirt", name: "kubevirt", namespace: "kubevirt" } as const;

/** KubeVirt by its operator. Ready when its webhooks accept a VirtualMachine and every node takes VMIs. */
export const kubevirt: Component = {
  name: "kubevirt",
  needs: [],
  provides: ["kubevirt"],
  namespaces: ["kubevirt"],
  async install(target, signal) {
    const parts = ["virt-operator", "virt-api", "virt-controller", "virt-handler", "virt-launcher"];
    const images = parts.map((part) => [`image.${part}`, partOf(target, `kubevirt/${part}`)] as const);
    const version = target.access.versions.kubevirt ?? "unknown";
    const parameters = { ...Object.fromEntries(images), version, emulation: target.access.emulation };
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kubevirt" } };
    await target.kube.apply([namespace, ...(await loadManifests(target.access.manifests.kubevirt, {}))], { signal });
    await target.kube.apply(await loadManifests(join(import.meta.dirname, "kubevirt.yaml"), parameters), { signal });
    await becomesAvailable(target, signal);
    await proveWebhooks(target, signal);
    await nodesTakeVmis(target, signal);
  },
  async version(target) {
    const status = (await target.kube.get(custom))?.status as { operatorVersion?: string } | undefined;
    return status?.operatorVersion ?? "unknown";
  },
};

async function becomesAvailable(target: Target, signal: AbortSignal): Promise<void> {
  const what = "KubeVirt is Available and Deployed";
  await eventually({ what, budgetMs: timeouts.componentReady, intervalMs: 500, signal }, async () => {
    type Status = { phase?: string; conditions?: { type: string; status: string; message?: string }[] };
    const status = ((await target.kube.get(custom))?.status ?? {}) as Status;
    const available = status.conditions?.find((condition) => condition.type === "Available");
    if (status.phase === "Deployed" && available?.status === "True") return;
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

async function nodesTakeVmis(target: Target, signal: AbortSignal): Promise<void> {
  const what = "every node is labelled kubevirt.io/schedulable=true";
  await eventually({ what, budgetMs: timeouts.componentReady, intervalMs: 500, signal }, async () => {
    const labelSelector = "kubevirt.io/schedulable=true";
    const nodes = await target.kube.list({ apiVersion: "v1", kind: "Node", labelSelector });
    if (nodes.length < target.access.nodes.length)
      throw new Error(`${nodes.length} of ${target.access.nodes.length} are`);
  });
}
