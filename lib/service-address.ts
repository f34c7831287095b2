import type { KubeObject } from "./kube.ts";

type Spec = { clusterIP?: string };
type Status = { loadBalancer?: { ingress?: { ip?: string }[] } };

/** The address of a Service inside its cluster; `undefined` where there is no such Service. */
export function clusterIpOf(service: KubeObject | undefined): string | undefined {
  return ((service?.["spec"] ?? {}) as Spec).clusterIP;
}

/** The first address that a load balancer gave to a Service; `undefined` while EXTERNAL-IP is `<pending>`. */
export function externalIpOf(service: KubeObject | undefined): string | undefined {
  return ((service?.["status"] ?? {}) as Status).loadBalancer?.ingress?.[0]?.ip;
}
