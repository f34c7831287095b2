import { join } from "node:path";
import { environmentError } from "../../lib/errors.ts";
import { loadManifests } from "../../lib/manifests.ts";
import { mesh, revisionOf } from "../../lib/mesh.ts";
import { externalIpOf } from "../../lib/service-address.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import type { Component, Target } from "./component.ts";
import { rolledOut } from "./probe.ts";

const { namespace, service, ports } = mesh.gateway;

/**
 * The east-west gateway on an address outside the pod network. Ready when its status port answers there, from this
 * machine: that takes the load balancer's address, the way to the pod and a proxy with its configuration.
 */
export const eastWestGateway: Component = {
  name: "eastwest-gateway",
  needs: ["istio"],
  provides: ["eastwest-gateway"],
  namespaces: [mesh.gateway.namespace],
  async install(target, signal) {
    const file = join(import.meta.dirname, "eastwest-gateway.yaml");
    const revision = revisionOf(target.access);
    const objects = await loadManifests(file, { revision, network: mesh.networks.cluster, ...ports });
    await target.kube.apply(objects, { signal });
    await rolledOut(target.kube, { kind: "Deployment", namespace, name: service }, signal);
    const address = await gatewayAddress(target, signal);
    const url = `http://${address}:${ports.status}/healthz/ready`;
    await eventually({ what: `${url} answers`, budgetMs: timeouts.componentReady, signal }, async () => {
      const { status } = await fetch(url, { signal: AbortSignal.timeout(timeouts.exchange) });
      if (status !== 200) throw new Error(`it answers with ${status}`);
    });
  },
  version: async ({ access }) => access.versions["istio"] ?? "unknown",
};

/** The address the gateway's Service got; where nothing in the cluster gives it one, the provider's is entered. */
async function gatewayAddress({ kube, access }: Target, signal: AbortSignal): Promise<string> {
  const ref = { apiVersion: "v1", kind: "Service", namespace, name: service };
  if (access.loadBalancer !== undefined) {
    await kube.patch(ref, { status: { loadBalancer: { ingress: [{ ip: access.loadBalancer }] } } }, "status");
  }
  const what = `Service \`${namespace}/${service}\` has an external address`;
  return eventually({ what, budgetMs: timeouts.componentReady, signal }, async () => {
    const ip = externalIpOf(await kube.get(ref));
    if (ip) return ip;
    throw environmentError("EXTERNAL-IP is <pending>.", { hint: "install a load balancer: k3s has Klipper" });
  });
}
