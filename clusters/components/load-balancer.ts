import { environmentError } from "../../lib/errors.ts";
import { type GatewayAddress, gatewayAddressOf } from "../../lib/service-address.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import type { Target } from "./component.ts";

/** A gateway by its Service, of whose name its Deployment is, too. */
export interface GatewayName {
  namespace: string;
  service: string;
}

/** Where nothing in the cluster gives a gateway's Service an address, the provider's is entered. */
export async function enterAddress(gateway: GatewayName, { kube, access }: Target): Promise<void> {
  if (access.loadBalancer === undefined) return;
  const status = { loadBalancer: { ingress: [{ ip: access.loadBalancer }] } };
  await kube.patch(refOf(gateway), { status }, "status");
}

/** The address that a gateway's Service got. Throws a `WaitError` that says so while EXTERNAL-IP is pending. */
export async function addressOnceThere(
  gateway: GatewayName,
  { kube }: Target,
  signal: AbortSignal,
): Promise<GatewayAddress> {
  const what = `Service \`${gateway.namespace}/${gateway.service}\` has an external address`;
  return eventually({ what, budgetMs: timeouts.componentReady, signal }, async () => {
    const service = await kube.get(refOf(gateway));
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

function refOf({ namespace, service }: GatewayName) {
  return { apiVersion: "v1", kind: "Service", namespace, name: service };
}
