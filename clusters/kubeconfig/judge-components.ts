import type { Kube, KubeObject } from "../../lib/kube.ts";
import type { MeshFacts } from "../../lib/mesh.ts";
import {
  chosenIstiod,
  cniNode,
  factsOf,
  isCalledByMultus,
  lacksAttachment,
  revisionLabel,
} from "../components/found-istio.ts";
import { imageTag } from "../components/image-tag.ts";
import { customOf, versionOf } from "../components/kubevirt.ts";
import { servesAttachments } from "../components/multus.ts";
import { policyEngine } from "../components/policy-engines.ts";
import { fine, type Judgement, limited, missing } from "../finding.ts";
import type { KubeconfigSettings } from "./settings.ts";
import type { ClusterSight } from "./sight.ts";

type Install = KubeconfigSettings["install"];

/** istiod, its CNI plugin, and whether proxies would be native sidecars. */
export async function judgeIstio(kube: Kube, sight: ClusterSight, install: Install): Promise<Judgement[]> {
  const chosen = await chosenIstiod(kube);
  if (chosen === undefined) return [absent("Istio", "istio", install)];
  if ("unusable" in chosen) {
    const mend =
      "`istioctl tag set default --revision REVISION` says which one is meant; expected is namespace `istio-system`";
    return [limited("Istio", chosen.unusable, mend)];
  }
  const { istiod } = chosen;
  const revision = istiod.metadata.labels?.[revisionLabel] ?? "default";
  const facts = await factsOf(kube, revision);
  const { network, id } = facts;
  const described = `${imageTag(istiod, "discovery")}, revision ${revision}, mesh ${id || "without a name"}, network ${network || "without a name"}`;
  const { availableReplicas = 0 } = (istiod["status"] ?? {}) as { availableReplicas?: number };
  return [
    availableReplicas > 0
      ? fine("Istio", described)
      : missing("Istio", `${described}: no replica is available`, "look at `kubectl describe pods -n istio-system`"),
    await judgeCni(kube, facts),
    judgeSidecars(istiod, sight),
  ];
}

async function judgeCni(kube: Kube, { attachmentPerNamespace }: MeshFacts): Promise<Judgement> {
  const node = await cniNode(kube);
  if (!node) {
    const mend =
      "`istioctl install` with `components.cni.enabled: true`, and with Multus `values.cni.provider: multus`";
    return limited("istio-cni", "Istio is installed without its CNI plugin, which VMIs need", mend);
  }
  const version = imageTag(node);
  if (attachmentPerNamespace) {
    return fine("istio-cni", `${version}, called by Multus`, "gives each of its namespaces the attachment `istio-cni`");
  }
  if (await isCalledByMultus(kube)) return fine("istio-cni", `${version}, called by Multus`);
  if (!(await lacksAttachment(kube, node))) return fine("istio-cni", `${version}, in the chain of the nodes' CNI`);
  const mend =
    "apply a NetworkAttachmentDefinition `istio-cni` without a spec in `default`: Istio 1.19 and newer look there";
  return limited(
    "istio-cni",
    `${version}, which waits for Multus, and \`default\` has no attachment \`istio-cni\``,
    mend,
  );
}

/** Istio's own rule since 1.27: native sidecars where every kubelet has had them for good, unless it is told otherwise. */
export function judgeSidecars(istiod: KubeObject, { nodes }: Pick<ClusterSight, "nodes">): Judgement {
  type Spec = { template?: { spec?: { containers?: { env?: { name: string; value?: string }[] }[] } } };
  const containers = ((istiod["spec"] ?? {}) as Spec).template?.spec?.containers ?? [];
  const setting = containers
    .flatMap(({ env = [] }) => env)
    .find(({ name }) => name === "ENABLE_NATIVE_SIDECARS")?.value;
  const [, minor = "0"] = /^v1\.(\d+)/.exec(nodes.map(({ kubelet }) => kubelet).toSorted(byVersion)[0] ?? "") ?? [];
  const [, istioMinor] = /^1\.(\d+)/.exec(imageTag(istiod, "discovery")) ?? [];
  const byDefault = Number(istioMinor ?? 0) >= 27 && Number(minor) >= 33;
  const native = setting === "true" || (setting !== "false" && byDefault);
  const why = `kubelets from 1.${minor} on, istiod ${setting === undefined ? "decides by itself" : `is told \`${setting}\``}`;
  if (native) return fine("native sidecars", why);
  if (setting === undefined && istioMinor === undefined) {
    return fine("native sidecars", `${why}, and its image does not tell its version: a run sees what it does`);
  }
  const mend = "Istio 1.27 with Kubernetes 1.33, or `ENABLE_NATIVE_SIDECARS=true` on istiod with Kubernetes 1.29";
  return limited("native sidecars", `proxies are plain containers: ${why}`, mend);
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** What is installed but not at work keeps a run from working: its probe would wait in vain. */
export async function judgeKubevirt(kube: Kube, install: Install): Promise<Judgement> {
  const custom = await customOf(kube);
  if (!custom) return absent("KubeVirt", "kubevirt", install);
  const { phase = "none" } = (custom["status"] ?? {}) as { phase?: string };
  const described = `${versionOf(custom) ?? "unknown"} in namespace \`${custom.metadata.namespace}\`, phase ${phase}`;
  if (phase === "Deployed") return fine("KubeVirt", described);
  const mend = `look at \`kubectl describe kubevirt -n ${custom.metadata.namespace}\` for why it is not Deployed`;
  return missing("KubeVirt", described, mend);
}

export async function judgeMultus(kube: Kube, install: Install): Promise<Judgement> {
  if (!(await servesAttachments(kube))) return absent("Multus", "multus", install);
  const all = await kube.list({ apiVersion: "apps/v1", kind: "DaemonSet" });
  const node = all.find(({ metadata }) => /multus/.test(metadata.name));
  return fine(
    "Multus",
    node ? `${imageTag(node)}, DaemonSet \`${node.metadata.namespace}/${node.metadata.name}\`` : "on the nodes",
  );
}

/** Only a probe tells whether policies are enforced, and that is a part of a run. */
export async function judgePolicies(kube: Kube): Promise<Judgement> {
  const engine = await policyEngine(kube);
  if (engine !== undefined) return fine("policy engine", `${engine}; a run proves whether it enforces policies`);
  const mend =
    "nothing, if the CNI enforces policies in another way (k3s does): a run proves it. Else install an engine";
  return limited("policy engine", "none that is known: checks of NetworkPolicy may be skipped", mend);
}

function absent(name: string, component: string, install: Install): Judgement {
  if (install === "missing" || install.includes(component)) return fine(name, "not there", `installs ${name}`);
  return limited(
    name,
    "not there: checks that need it are skipped",
    `add \`--install ${component}\`, or install it yourself`,
  );
}
