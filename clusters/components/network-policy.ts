import { join } from "node:path";
import { environmentError } from "../../lib/errors.ts";
import { loadManifests } from "../../lib/manifests.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually, WaitError } from "../../lib/wait.ts";
import { type Component, lackedPart, partOf, type Target } from "./component.ts";
import { policyEngine } from "./policy-engines.ts";
import { rolledOut, withProbeNamespace } from "./probe.ts";

const daemonSet = { kind: "DaemonSet", namespace: "kube-system", name: "netpol" } as const;

/** kube-router's policy controller. Ready when a policy has cut a connection and its deletion restored it. */
export const networkPolicy: Component = {
  name: "network-policy",
  needs: [],
  provides: ["network-policy"],
  namespaces: ["kube-system"],
  // Whatever is installed: what counts is that a policy has an effect.
  async find(target, signal) {
    // Not the namespace of the installation's probe, which may follow while this one is being removed.
    const namespace = "vmesh-probe-policy-found";
    const failure = await enforcementFailure(target, { namespace, budgetMs: timeouts.configPropagation, signal });
    return failure ? undefined : ((await policyEngine(target.kube)) ?? "unknown");
  },
  lacks: (target) =>
    lackedPart(target, ["netpol"]) ??
    (target.access.serviceSubnet ? undefined : "the provider does not know the range of the Services"),
  async install(target, signal) {
    const { serviceSubnet = "" } = target.access;
    const parameters = { "image.netpol": partOf(target, "netpol"), serviceSubnet };
    await target.kube.apply(await loadManifests(join(import.meta.dirname, "network-policy.yaml"), parameters), {
      signal,
    });
    const [failure] = await Promise.all([
      enforcementFailure(target, { namespace: "vmesh-probe-policy", budgetMs: timeouts.componentReady, signal }),
      rolledOut(target.kube, daemonSet, signal),
    ]);
    if (failure) throw environmentError("No NetworkPolicy is enforced.", { cause: failure });
  },
  // The lab's image has no version of its own to ask for; the provider knows which one it built.
  version: async ({ access, kube }) => access.versions["network-policy"] ?? (await policyEngine(kube)) ?? "unknown",
};

/** How a policy without rules failed to cut a pod off in this time; `undefined` if it did, and its deletion undid it. */
async function enforcementFailure(
  target: Target,
  { namespace, budgetMs, signal }: { namespace: string; budgetMs: number; signal: AbortSignal },
): Promise<WaitError | undefined> {
  return withProbeNamespace(target, { name: namespace, signal }, async ({ name, startPod, call }) => {
    const [server] = await Promise.all([
      startPod({ name: "server", labels: { app: "server" } }),
      startPod({ name: "client" }),
    ]);
    const url = `http://${(server.status as { podIP: string }).podIP}:8080/`;
    const outcomeBecomes = (what: string, accepted: readonly string[], limitMs: number = timeouts.componentReady) =>
      eventually({ what, budgetMs: limitMs, intervalMs: 500, signal }, async () => {
        const { outcome } = await call("client", url);
        if (!accepted.includes(outcome)) throw new Error(`outcome: ${outcome}`);
      });
    const policy = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "probe", namespace: name },
      spec: { podSelector: { matchLabels: { app: "server" } }, policyTypes: ["Ingress"], ingress: [] },
    };
    await outcomeBecomes("a pod is reached without a policy", ["answered"]);
    await target.kube.apply([policy], { signal });
    const cut = outcomeBecomes("a policy without rules cuts the pod off", ["timeout", "refused"], budgetMs);
    const failure = await cut.then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof WaitError) return error;
        throw error;
      },
    );
    await target.kube.remove({ apiVersion: policy.apiVersion, kind: policy.kind, name: "probe", namespace: name });
    if (failure) return failure;
    return outcomeBecomes("the pod is reached again once the policy is gone", ["answered"]).then(() => undefined);
  });
}
