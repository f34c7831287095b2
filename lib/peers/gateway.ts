import { environmentError } from "../errors.ts";
import { mesh } from "../mesh.ts";
import { type GatewayAddress, gatewayAddressOf, portsOf } from "../service-address.ts";
import type { SpiffeId } from "../traffic.ts";
import type { Peer } from "./peer.ts";
import { podPeer } from "./pod.ts";
import type { PeerContext } from "./pod.ts";

/** A gateway at the edge of the mesh: what requests pass, not what sends them. */
export interface GatewayPeer extends GatewayAddress, Pick<Peer, "name" | "namespace" | "proxy"> {
  /** As whom it calls the workloads behind it. */
  identity: SpiffeId;
  /** Where a client asks it: scheme, host and the port of this name, `http2` or `https`. */
  url(port: string): string;
}

/** The gateway, once its pod is Ready. Throws an environment error while its Service has no address. */
export async function gatewayPeer(
  edge: keyof typeof mesh.edge,
  context: Omit<PeerContext, "namespace">,
): Promise<GatewayPeer> {
  const { namespace, service: name } = mesh.edge[edge];
  // Its pods carry the name of the Service as their label `app`.
  const { identity, proxy } = await podPeer(name, { ...context, namespace });
  const service = await context.kube.get({ apiVersion: "v1", kind: "Service", namespace, name });
  if (!service || !identity) throw environmentError(`Pod \`${namespace}/${name}\` is not behind a Service as a proxy.`);
  const inside = `${name}.${namespace}.svc.cluster.local`;
  const ports = portsOf(service);
  // The egress gateway is for clients inside alone, and so is an address that is the user's own machine's, as Docker
  // Desktop gives one.
  const host = edge === "egress" ? inside : gatewayAddressOf(service).host;
  const reached = ["localhost", "127.0.0.1"].includes(host) ? inside : host;
  return {
    name,
    namespace,
    identity,
    proxy,
    host,
    ports,
    url(port) {
      const number = ports[port];
      if (number === undefined) {
        throw environmentError(`Service \`${namespace}/${name}\` has no port named \`${port}\`.`, {
          evidence: `it has: ${Object.keys(ports).join(", ") || "none"}`,
        });
      }
      return `${port === "https" ? "https" : "http"}://${reached}:${number}`;
    },
  };
}
