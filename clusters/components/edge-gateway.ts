import { join } from "node:path";
import { loadManifests } from "../../lib/manifests.ts";
import { mesh, revisionOf } from "../../lib/mesh.ts";
import { portsOf } from "../../lib/service-address.ts";
import type { Component, Found, Target } from "./component.ts";
import { enterAddress } from "./load-balancer.ts";

/** The ports, by name, on which checks ask a gateway at the edge of the mesh. */
const expected = ["http2", "https"];

/** What the ingress and the egress gateway have in common: names, labels and ports are those of profile demo. */
export function edgeGateway(
  edge: keyof typeof mesh.edge,
): Pick<Component, "find" | "install" | "version" | "namespaces"> {
  const { namespace, service } = mesh.edge[edge];
  return {
    namespaces: [namespace],
    async find({ kube, access }: Target): Promise<Found> {
      const found = await kube.get({ apiVersion: "v1", kind: "Service", namespace, name: service });
      if (!found) return undefined;
      const ports = Object.keys(portsOf(found));
      if (expected.every((name) => ports.includes(name))) return access.versions["istio"] ?? "unknown";
      const named = `the ports named ${ports.join(", ")}, expected ${expected.join(", ")}`;
      return { unusable: `Service \`${namespace}/${service}\` has ${named}` };
    },
    async install(target, signal) {
      const file = join(import.meta.dirname, `${edge}-gateway.yaml`);
      const revision = revisionOf(target.access);
      await target.kube.apply(await loadManifests(file, { revision }), { signal });
      if (edge === "ingress") await enterAddress(mesh.edge.ingress, target);
    },
    version: async ({ access }) => access.versions["istio"] ?? "unknown",
  };
}
