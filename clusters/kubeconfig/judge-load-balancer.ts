import type { Kube, KubeObject } from "../../lib/kube.ts";
import { mesh } from "../../lib/mesh.ts";
import { externalIpOf } from "../../lib/service-address.ts";
import { fine, type Judgement, limited } from "../finding.ts";
import type { ClusterSight } from "./sight.ts";

/** Workloads that give Services of type LoadBalancer their addresses. */
const known = /^(speaker|metallb-speaker|kube-vip.*|svclb-.*|cloud-controller-manager|.*-cloud-controller-manager)$/;

/** Whether Services of type LoadBalancer get an address: what is there tells most. */
export async function judgeLoadBalancer(
  kube: Kube,
  { platform }: Pick<ClusterSight, "platform">,
  setting: string | undefined,
): Promise<Judgement> {
  const services = await kube.list({ apiVersion: "v1", kind: "Service" });
  const balanced = services.filter(({ spec }) => (spec as { type?: string }).type === "LoadBalancer");
  const pending = balanced.filter((service) => !hasAddress(service));
  if (setting !== undefined) return fine("load balancer", `the setting \`loadBalancer\` says ${setting}`);
  if (pending.length > 0) {
    const names = pending.map(({ metadata }) => `\`${metadata.namespace}/${metadata.name}\``).join(", ");
    return limited("load balancer", `EXTERNAL-IP of ${names} is <pending>`, platform.loadBalancer);
  }
  const [served] = balanced;
  if (served) {
    const { namespace, name } = served.metadata;
    const gateway = `${namespace}/${name}` === `${mesh.gateway.namespace}/${mesh.gateway.service}`;
    const address = externalIpOf(served);
    if (gateway && address === undefined) {
      const mend = `use a load balancer that gives addresses: Istio's VMs need the address of ${namespace}/${name}, not a name`;
      return limited("load balancer", `Service \`${namespace}/${name}\` has a name and no address`, mend);
    }
    return fine("load balancer", `Service \`${namespace}/${name}\` has ${address ?? "a name"}`);
  }
  const workloads = await Promise.all(
    ["DaemonSet", "Deployment"].map((kind) => kube.list({ apiVersion: "apps/v1", kind })),
  );
  const controller = workloads.flat().find(({ metadata }) => known.test(metadata.name));
  if (controller) return fine("load balancer", `\`${controller.metadata.name}\` gives addresses`);
  if (platform.name === "cloud") return fine("load balancer", "the cloud's, which no Service has asked yet");
  return limited("load balancer", "nothing seems to give Services an external address", platform.loadBalancer);
}

function hasAddress(service: KubeObject): boolean {
  const { loadBalancer } = (service["status"] ?? {}) as { loadBalancer?: { ingress?: unknown[] } };
  return (loadBalancer?.ingress?.length ?? 0) > 0;
}
