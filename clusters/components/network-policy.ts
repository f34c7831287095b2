import { join } from "node:path";
import { loadManifests } from "../../lib/manifests.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import { type Component, partOf, type Target } from "./component.ts";
import { rolledOut, withProbeNamespace } from "./probe.ts";

const daemonSet = { kind: "DaemonSet", namespace: "kube-system", name: "netpol" } as const;

/** kube-router's policy controller. Ready when a policy has cut a connection and its deletion restored it. */
export const networkPolicy: Component = {
  name: "network-policy",
  needs: [],
  provides: ["network-policy"],
  namespaces: ["kube-system"],
  async install(target, signal) {
    const parameters = { "image.netpol": partOf(target, "netpol"), serviceSubnet: target.access.serviceSubnet };
    await target.kube.apply(await loadManifests(join(import.meta.dirname, "network-policy.yaml"), parameters), {
      signal,
    });
    await Promise.all([rolledOut(target.kube, daemonSet, signal), proveEnforcement(target, signal)]);
  },
  // The image has no version of its own to ask for; the provider knows which one it built.
  version: async (target) => target.access.versions["network-policy"] ?? "unknown",
};

async function proveEnforcement(target: Target, signal: AbortSignal): Promise<void> {
  await withProbeNamespace(target, { name: "vmesh-probe-policy", signal }, async ({ name, startPod, call }) => {
    const [server] = await Promise.all([
      startPod({ name: "server", labels: { app: "server" } }),
      startPod({ name: "client" }),
    ]);
    const url = `http://${(server.status as { podIP: string }).podIP}:8080/`;
    const outcomeBecomes = (what: string, accepted: (outcome: string) => boolean) =>
      eventually({ what, budgetMs: timeouts.componentReady, intervalMs: 500, signal }, async () => {
        const { outcome } = await call("client", url);
        if (!accepted(outcome)) throw new Error(`outcome: ${outcome}`);
      });
    const policy = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "probe", namespace: name },
      spec: { podSelector: { matchLabels: { app: "server" } }, policyTypes: ["Ingress"], ingress: [] },
    };
    await outcomeBecomes("a pod is reached without a policy", (outcome) => outcome === "answered");
    await target.kube.apply([policy], { signal });
    await outcomeBecomes(
      "a policy without rules cuts the pod off",
      (outcome) => outcome === "timeout" || outcome === "refused",
    );
    await target.kube.remove({ apiVersion: policy.apiVersion, kind: policy.kind, name: "probe", namespace: name });
    await outcomeBecomes("the pod is reached again once the policy is gone", (outcome) => outcome === "answered");
  });
}
