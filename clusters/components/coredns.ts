import { join } from "node:path";
import { loadManifests } from "../../lib/manifests.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import { type Component, partOf } from "./component.ts";
import { rolledOut, withProbeNamespace } from "./probe.ts";

const deployment = { kind: "Deployment", namespace: "kube-system", name: "coredns" } as const;

/** Cluster DNS. Ready when a pod resolves a Service by name and gets an error for a name that does not exist. */
export const coredns: Component = {
  name: "coredns",
  needs: [],
  provides: [],
  namespaces: ["kube-system"],
  async install(target, signal) {
    const parameters = { "image.coredns": partOf(target, "coredns"), clusterDns: target.access.clusterDns };
    await target.kube.apply(await loadManifests(join(import.meta.dirname, "coredns.yaml"), parameters), { signal });
    await withProbeNamespace(target, { name: "vmesh-probe-coredns", signal }, async ({ startPod, call }) => {
      await Promise.all([startPod({ name: "client" }), rolledOut(target.kube, deployment, signal)]);
      const what = "a pod resolves kubernetes.default.svc, and nothing for a name that does not exist";
      await eventually({ what, budgetMs: timeouts.componentReady, intervalMs: 500, signal }, async () => {
        const { outcome: known } = await call("client", "http://kubernetes.default.svc.cluster.local:443/");
        const { outcome: unknown } = await call("client", "http://nothing.default.svc.cluster.local:443/");
        if (known !== "answered" || unknown !== "dns") throw new Error(`outcomes: ${known} and ${unknown}`);
      });
    });
  },
  // The image has no version of its own to ask for; the provider knows which one it built.
  version: async (target) => target.access.versions["coredns"] ?? "unknown",
};
