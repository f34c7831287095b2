import { environmentError } from "./errors.ts";
import type { KubeObject } from "./kube.ts";

type Spec = { clusterIP?: string; ports?: { name?: string; port: number }[] };
type Status = { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };

/** The address of a Service inside its cluster; `undefined` where there is no such Service. */
export function clusterIpOf(service: KubeObject | undefined): string | undefined {
  return ((service?.["spec"] ?? {}) as Spec).clusterIP;
}

/** The first address that a load balancer gave to a Service; `undefined` while EXTERNAL-IP is `<pending>`. */
export function externalIpOf(service: KubeObject | undefined): string | undefined {
  return ((service?.["status"] ?? {}) as Status).loadBalancer?.ingress?.[0]?.ip;
}

/** Where a gateway is reached from outside the cluster: one host, and the ports of its Service by their names. */
export interface GatewayAddress {
  host: string;
  ports: Readonly<Record<string, number>>;
}

/**
 * The address of a gateway's Service, as Istio's guide has it: that of the load balancer, and the ports `http2` and
 * `https` by name. Throws an environment error while EXTERNAL-IP is `<pending>`, with what hands one out where.
 */
export function gatewayAddressOf(service: KubeObject): GatewayAddress {
  const { namespace, name } = service.metadata;
  const { ip, hostname } = ((service["status"] ?? {}) as Status).loadBalancer?.ingress?.[0] ?? {};
  const host = ip ?? hostname;
  if (host === undefined) {
    throw environmentError(`EXTERNAL-IP of Service \`${namespace}/${name}\` is <pending>.`, {
      hint:
        "the cluster needs a load balancer: `minikube tunnel` on minikube, MetalLB or cloud-provider-kind on kind; " +
        "k3s has Klipper, and clouds have their own",
    });
  }
  return { host, ports: portsOf(service) };
}

/** The ports of a Service by their names. */
export function portsOf(service: KubeObject): Record<string, number> {
  const { ports = [] } = (service["spec"] ?? {}) as Spec;
  return Object.fromEntries(ports.map(({ name = "", port }) => [name, port]));
}
