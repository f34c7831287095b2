import { type GatewayAddress, gatewayAddressOf } from "../../lib/service-address.ts";
import { environmentError } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import type { Target } from "./component.ts";

/**
 * The address that a gateway's Service got; where nothing in the cluster gives it one, the provider's is entered. Throws
 * a `WaitError` that says so while EXTERNAL-IP is pending.
 */
export async function loadBalancerOf(
  { namespace, service: name }: { namespace: string; service: string },
  { kube, access }: Target,
  signal: AbortSignal,
): Promise<GatewayAddress> {
  const ref = { apiVersion: "v1", kind: "Service", namespace, name };
  if (access.loadBalancer !== undefined) {
    await kube.patch(ref, { status: { loadBalancer: { ingress: [{ ip: access.loadBalancer }] } } }, "status");
  }
  const what = `Service \`${namespace}/${name}\` has an external address`;
  return eventually({ what, budgetMs: timeouts.componentReady, signal }, async () => {
    const service = await kube.get(ref);
    if (!service) throw environmentError("There is no such Service.");
    return gatewayAddressOf(service);
  });
}

/** Waits until a gateway answers on its status port, from this machine. */
export async function answersFromOutside(host: string, port: number, signal: AbortSignal): Promise<void> {
  const url = `http://${host}:${port}/healthz/ready`;
  await eventually({ what: `${url} answers`, budgetMs: timeouts.componentReady, signal }, async () => {
    const { status } = await fetch(url, { signal: AbortSignal.timeout(timeouts.exchange) });
    if (status !== 200) throw new Error(`it answers with ${status}`);
  });
}
