import { join } from "node:path";
import type { Kube, KubeObject } from "../../lib/kube.ts";
import { loadManifests } from "../../lib/manifests.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import { type Component, lackedPart, partOf, type Target } from "./component.ts";
import { imageTag } from "./image-tag.ts";
import { rolledOut, withProbeNamespace } from "./probe.ts";

const deployment = { kind: "Deployment", namespace: "kube-system", name: "coredns" } as const;

/** What every distribution labels its cluster DNS with, whatever it is called. */
const labelSelector = "k8s-app=kube-dns";

/** Cluster DNS. Ready when a pod resolves a Service by name and gets an error for a name that does not exist. */
export const coredns: Component = {
  name: "coredns",
  needs: [],
  provides: [],
  namespaces: ["kube-system"],
  async find({ kube }) {
    const here = { namespace: deployment.namespace, labelSelector };
    const [service] = await kube.list({ apiVersion: "v1", kind: "Service", ...here });
    return service && imageTag(await deploymentOf(kube));
  },
  lacks: (target) =>
    lackedPart(target, ["coredns"]) ??
    (target.access.clusterDns ? undefined : "the provider does not know the address that pods ask for names"),
  async install(target, signal) {
    const { clusterDns = "" } = target.access;
    const parameters = { "image.coredns": partOf(target, "coredns"), clusterDns };
    await target.kube.apply(await loadManifests(join(import.meta.dirname, "coredns.yaml"), parameters), { signal });
    await rolledOut(target.kube, deployment, signal);
  },
  prove: proveResolution,
  // The lab's image has no version of its own to ask for; the provider knows which one it built.
  version: async ({ access, kube }) => access.versions["coredns"] ?? imageTag(await deploymentOf(kube)),
};

async function proveResolution(target: Target, signal: AbortSignal): Promise<void> {
  await withProbeNamespace(target, { name: "vmesh-probe-coredns", signal }, async ({ startPod, call }) => {
    await startPod({ name: "client" });
    const what = "a pod resolves kubernetes.default.svc, and nothing for a name that does not exist";
    await eventually({ what, budgetMs: timeouts.componentReady, intervalMs: 500, signal }, async () => {
      const { outcome: known } = await call("client", "http://kubernetes.default.svc.cluster.local:443/");
      const { outcome: unknown } = await call("client", "http://nothing.default.svc.cluster.local:443/");
      if (known !== "answered" || unknown !== "dns") throw new Error(`outcomes: ${known} and ${unknown}`);
    });
  });
}

/** Where the DNS is no Deployment, as on a few clusters, its version stays unknown. */
async function deploymentOf(kube: Kube): Promise<KubeObject | undefined> {
  const here = { namespace: deployment.namespace, labelSelector };
  return (await kube.list({ apiVersion: "apps/v1", kind: "Deployment", ...here }))[0];
}
