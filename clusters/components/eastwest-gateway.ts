import { join } from "node:path";
import { environmentError } from "../../lib/errors.ts";
import { loadManifests } from "../../lib/manifests.ts";
import { istiodOf, mesh, meshOf } from "../../lib/mesh.ts";
import { externalIpOf } from "../../lib/service-address.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import type { Component, Target } from "./component.ts";
import { rolledOut } from "./probe.ts";

const { namespace, service, ports } = mesh.gateway;
const serviceRef = { apiVersion: "v1", kind: "Service", namespace, name: service } as const;

/**
 * The east-west gateway on an address outside the pod network. Ready when its status port answers there, from this
 * machine: that takes the load balancer's address, the way to the pod and a proxy with its configuration.
 */
export const eastWestGateway: Component = {
  name: "eastwest-gateway",
  needs: ["istio"],
  provides: ["eastwest-gateway"],
  namespaces: [mesh.gateway.namespace],
  absent({ access }) {
    const said = access.capabilities["eastwest-gateway"];
    if (typeof said === "string") return said;
    if (access.mesh?.network !== "") return undefined;
    return "the mesh has no name for the network of its pods (Istio's setting `global.network`), as a gateway to them needs";
  },
  async find({ kube, access }) {
    const found = await kube.get(serviceRef);
    if (!found) return undefined;
    const open = ((found["spec"] ?? {}) as { ports?: { port: number }[] }).ports?.map(({ port }) => port) ?? [];
    const closed = Object.values(ports).filter((port) => !open.includes(port));
    if (closed.length === 0) return access.versions["istio"] ?? "unknown";
    const expected = `expected ${Object.values(ports).join(", ")}`;
    return { unusable: `Service \`${namespace}/${service}\` has the ports ${open.join(", ")}, ${expected}` };
  },
  async install(target, signal) {
    const file = join(import.meta.dirname, "eastwest-gateway.yaml");
    const { revision, network } = meshOf(target.access);
    const objects = await loadManifests(file, { revision, discovery: istiodOf(target.access), network, ...ports });
    await target.kube.apply(objects, { signal });
    await enterAddress(target);
  },
  async prove(target, signal) {
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

/** Where nothing in the cluster gives the gateway's Service an address, the provider's is entered. */
async function enterAddress({ kube, access }: Target): Promise<void> {
  if (access.loadBalancer === undefined) return;
  await kube.patch(serviceRef, { status: { loadBalancer: { ingress: [{ ip: access.loadBalancer }] } } }, "status");
}

/** The address the gateway's Service got. */
async function gatewayAddress({ kube }: Target, signal: AbortSignal): Promise<string> {
  const what = `Service \`${namespace}/${service}\` has an external address`;
  return eventually({ what, budgetMs: timeouts.componentReady, signal }, async () => {
    const ip = externalIpOf(await kube.get(serviceRef));
    if (ip) return ip;
    throw environmentError("EXTERNAL-IP is <pending>.", {
      hint: "install a load balancer (k3s has Klipper, on minikube run `minikube tunnel`), or set `loadBalancer`",
    });
  });
}
