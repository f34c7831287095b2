import type { Kube } from "../../lib/kube.ts";
import { imageTag } from "./image-tag.ts";

/** DaemonSets that enforce NetworkPolicy. k3s has its engine in its own process, where nobody sees it. */
const engines =
  /^(calico-node|canal|cilium|antrea-agent|kube-router|kube-network-policies|kindnet|weave-net|ovnkube-node|kube-ovn-cni|netpol)$/;

/** The engine that seems to enforce NetworkPolicy and its version, `cilium v1.18.2`; only a probe tells whether it does. */
export async function policyEngine(kube: Kube): Promise<string | undefined> {
  const all = await kube.list({ apiVersion: "apps/v1", kind: "DaemonSet" });
  const engine = all.find(({ metadata }) => engines.test(metadata.name));
  return engine && `${engine.metadata.name} ${imageTag(engine)}`;
}
