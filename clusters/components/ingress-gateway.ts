import { join } from "node:path";
import { environmentError } from "../../lib/errors.ts";
import { loadManifests } from "../../lib/manifests.ts";
import { mesh, revisionOf } from "../../lib/mesh.ts";
import type { Component } from "./component.ts";
import { answersFromOutside, loadBalancerOf } from "./load-balancer.ts";
import { rolledOut } from "./probe.ts";

const { namespace, service } = mesh.edge.ingress;

/**
 * The ingress gateway, as profile demo names it. Ready when its status port answers at the load balancer's address, from
 * this machine.
 */
export const ingressGateway: Component = {
  name: "ingress-gateway",
  needs: ["istio"],
  provides: ["ingress-gateway"],
  namespaces: [namespace],
  async install(target, signal) {
    const objects = await loadManifests(join(import.meta.dirname, "ingress-gateway.yaml"), {
      revision: revisionOf(target.access),
    });
    await target.kube.apply(objects, { signal });
    await rolledOut(target.kube, { kind: "Deployment", namespace, name: service }, signal);
    const { host, ports } = await loadBalancerOf(mesh.edge.ingress, target, signal);
    const status = ports["status-port"];
    if (status === undefined) {
      throw environmentError(`Service \`${namespace}/${service}\` has no port named \`status-port\`.`, {
        evidence: `it has: ${Object.keys(ports).join(", ")}`,
      });
    }
    await answersFromOutside(host, status, signal);
  },
  version: async ({ access }) => access.versions["istio"] ?? "unknown",
};
