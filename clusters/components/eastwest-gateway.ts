import { join } from "node:path";
import { loadManifests } from "../../lib/manifests.ts";
import { mesh, revisionOf } from "../../lib/mesh.ts";
import type { Component } from "./component.ts";
import { answersFromOutside, loadBalancerOf } from "./load-balancer.ts";
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
    const { host } = await loadBalancerOf(mesh.gateway, target, signal);
    await answersFromOutside(host, ports.status, signal);
  },
  version: async ({ access }) => access.versions["istio"] ?? "unknown",
};
