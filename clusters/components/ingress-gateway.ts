import { environmentError } from "../../lib/errors.ts";
import { mesh } from "../../lib/mesh.ts";
import type { Component } from "./component.ts";
import { edgeGateway } from "./edge-gateway.ts";
import { addressOnceThere, answersFromOutside } from "./load-balancer.ts";
import { rolledOut } from "./probe.ts";

const { namespace, service } = mesh.edge.ingress;

/**
 * The ingress gateway. Ready when its status port answers at the load balancer's address, from this machine: that takes
 * the way to the pod and a proxy with its configuration.
 */
export const ingressGateway: Component = {
  ...edgeGateway("ingress"),
  name: "ingress-gateway",
  needs: ["istio"],
  provides: ["ingress-gateway"],
  async prove(target, signal) {
    await rolledOut(target.kube, { kind: "Deployment", namespace, name: service }, signal);
    const { host, ports } = await addressOnceThere(mesh.edge.ingress, target, signal);
    const status = ports["status-port"];
    if (status === undefined) {
      throw environmentError(`Service \`${namespace}/${service}\` has no port named \`status-port\`.`, {
        evidence: `it has: ${Object.keys(ports).join(", ")}`,
      });
    }
    await answersFromOutside(host, status, signal);
  },
};
