import { join } from "node:path";
import { loadManifests } from "../../lib/manifests.ts";
import { istiodOf, mesh, meshOf } from "../../lib/mesh.ts";
import { portsOf } from "../../lib/service-address.ts";
import type { Component } from "./component.ts";
import { addressOnceThere, answersFromOutside, enterAddress } from "./load-balancer.ts";
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
  absent({ access }) {
    const said = access.capabilities["eastwest-gateway"];
    if (typeof said === "string") return said;
    if (access.mesh?.network !== "") return undefined;
    return "the mesh has no name for the network of its pods (Istio's setting `global.network`), as a gateway to them needs";
  },
  async find({ kube, access }) {
    const found = await kube.get({ apiVersion: "v1", kind: "Service", namespace, name: service });
    if (!found) return undefined;
    const open = Object.values(portsOf(found));
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
    await enterAddress(mesh.gateway, target);
  },
  async prove(target, signal) {
    await rolledOut(target.kube, { kind: "Deployment", namespace, name: service }, signal);
    const { host } = await addressOnceThere(mesh.gateway, target, signal);
    await answersFromOutside(host, ports.status, signal);
  },
  version: async ({ access }) => access.versions["istio"] ?? "unknown",
};
