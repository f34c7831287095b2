import type { Kube } from "../../lib/kube.ts";
import { fine, type Judgement, limited, missing } from "../finding.ts";
import { type ClusterSight, dnsAddress, serviceRange, workers } from "./sight.ts";

/** How many nodes are Ready and take pods, against those that a run is for, and of which architecture they are. */
export function judgeNodes(sight: ClusterSight, wanted: number): Judgement[] {
  const able = workers(sight);
  const described = `${sight.nodes.length} nodes, of which ${able.length} are Ready and take pods`;
  const architectures = [...new Set(sight.nodes.map(({ architecture }) => architecture))];
  if (able.length === 0) {
    return [missing("nodes", described, "look at `kubectl get nodes` and `kubectl describe node` for why")];
  }
  return [
    able.length >= Math.min(wanted, 2)
      ? fine("nodes", described)
      : limited("nodes", described, "add a node: checks that need two are skipped"),
    architectures.length === 1
      ? fine("architecture", architectures.join(", "))
      : limited(
          "architecture",
          architectures.join(", "),
          "images have to be there for all of them, vmesh's own as well",
        ),
  ];
}

export async function judgeDns(kube: Kube): Promise<Judgement> {
  const address = await dnsAddress(kube);
  if (address !== undefined) return fine("cluster DNS", `its Service has ${address}`);
  const mend = "install CoreDNS as the cluster's documentation says: without names no check with a Service works";
  return missing("cluster DNS", "no Service in `kube-system` is labelled k8s-app=kube-dns", mend);
}

export async function judgeServiceRange(kube: Kube): Promise<Judgement> {
  const range = await serviceRange(kube);
  return fine(
    "Service range",
    range ?? "not told by this version of Kubernetes, and only needed to install `network-policy`",
  );
}
