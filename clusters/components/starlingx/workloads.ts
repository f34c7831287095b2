import { environmentError } from "../../../lib/errors.ts";
import type { Target } from "../component.ts";
import { rolledOut } from "../probe.ts";
import type { StarlingxSettings } from "./settings.ts";

const deployments = ["istiod", "istio-ingressgateway", "istio-egressgateway"] as const;

/**
 * Waits until everything that the guide of the application names is rolled out: istiod, both gateways, the CNI plugin's
 * DaemonSet, and the operator where the application has one: since Istio 1.22 it is made of charts alone.
 */
export async function workloadsReady(
  target: Target,
  { operator }: Pick<StarlingxSettings, "operator">,
  signal: AbortSignal,
): Promise<void> {
  const { kube, log } = target;
  const home = await kube.get({ apiVersion: "v1", kind: "Namespace", name: "istio-operator" });
  const hasOperator = operator ?? home !== undefined;
  log.info(hasOperator ? "the application has istio-operator" : "the application has no istio-operator: charts alone");
  const plugin = await cniDaemonSet(target, signal);
  await Promise.all([
    ...deployments.map((name) => rolledOut(kube, { kind: "Deployment", namespace: "istio-system", name }, signal)),
    rolledOut(kube, { kind: "DaemonSet", ...plugin }, signal),
    ...(hasOperator
      ? [rolledOut(kube, { kind: "Deployment", namespace: "istio-operator", name: "istio-operator" }, signal)]
      : []),
  ]);
}

/** It is in istio-system or kube-system, which differs between releases. */
async function cniDaemonSet({ kube }: Target, signal: AbortSignal): Promise<{ namespace: string; name: string }> {
  const labelSelector = "k8s-app=istio-cni-node";
  const found = await kube.list({ apiVersion: "apps/v1", kind: "DaemonSet", labelSelector, signal });
  const { name, namespace } = found[0]?.metadata ?? {};
  if (name && namespace) return { name, namespace };
  throw environmentError(`The application \`istio\` is applied, but there is no DaemonSet with \`${labelSelector}\`.`, {
    hint: "istio-cni is one of its charts: `system helm-override-list istio` shows whether it is switched off",
  });
}
