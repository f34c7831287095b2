import { z } from "zod";
import { environmentError } from "../../lib/errors.ts";
import type { Kube, KubeObject } from "../../lib/kube.ts";
import type { MeshFacts } from "../../lib/mesh.ts";
import { servesAttachments } from "./multus.ts";

/** Says of everything that belongs to one istiod which one that is; `default` where there is no revision. */
export const revisionLabel = "istio.io/rev";

/**
 * The istiod that injects by `istio-injection`, of however many there are: that of the default tag, else one without a
 * revision, else the only one. `undefined` where there is none.
 */
export async function chosenIstiod(kube: Kube): Promise<{ istiod: KubeObject } | { unusable: string } | undefined> {
  const all = await kube.list({ apiVersion: "apps/v1", kind: "Deployment", labelSelector: "app=istiod" });
  const here = all.filter(({ metadata }) => metadata.namespace === "istio-system");
  if (all.length === 0) return undefined;
  if (here.length === 0) {
    return { unusable: `istiod is in namespace \`${all[0]?.metadata.namespace}\`, expected \`istio-system\`` };
  }
  const revision = (await defaultTag(kube)) ?? "default";
  const chosen = here.find(({ metadata }) => metadata.labels?.[revisionLabel] === revision);
  const istiod = chosen ?? (here.length === 1 ? here[0] : undefined);
  if (istiod) return { istiod };
  const revisions = here.map(({ metadata }) => metadata.labels?.[revisionLabel]).join(", ");
  return { unusable: `there are istiods of the revisions ${revisions}, and the default tag points at none of them` };
}

/** The revision that the default tag points at. */
async function defaultTag(kube: Kube): Promise<string | undefined> {
  const [webhook] = await kube.list({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    labelSelector: "istio.io/tag=default",
  });
  return webhook?.metadata.labels?.[revisionLabel];
}

const injectorValues = z.looseObject({
  global: z
    .looseObject({
      meshID: z.string().default(""),
      network: z.string().default(""),
      multiCluster: z.looseObject({ clusterName: z.string().default("") }).prefault({}),
    })
    .prefault({}),
});

/** What an Istio was installed with, as its injector has it; the network of the pods may also be a label of `istio-system`. */
export async function factsOf(kube: Kube, revision: string): Promise<MeshFacts> {
  const name = `istio-sidecar-injector${revision === "default" ? "" : `-${revision}`}`;
  const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "istio-system", name };
  const { values = "{}" } = ((await kube.get(ref))?.["data"] ?? {}) as { values?: string };
  const read = injectorValues.safeParse(JSON.parse(values));
  if (!read.success) {
    throw environmentError(`The values in ConfigMap \`istio-system/${name}\` are not those of an injector.`, {
      evidence: z.prettifyError(read.error),
    });
  }
  const { meshID, network, multiCluster } = read.data.global;
  const namespace = await kube.get({ apiVersion: "v1", kind: "Namespace", name: "istio-system" });
  return {
    revision,
    id: meshID,
    network: namespace?.metadata.labels?.["topology.istio.io/network"] ?? network,
    // What istiod calls its cluster where nobody named it.
    cluster: multiCluster.clusterName || "Kubernetes",
  };
}

/** The DaemonSet of istio-cni, wherever it is; `undefined` where Istio is installed without. */
export async function cniNode(kube: Kube): Promise<KubeObject | undefined> {
  const labelSelector = "k8s-app=istio-cni-node";
  return (await kube.list({ apiVersion: "apps/v1", kind: "DaemonSet", labelSelector }))[0];
}

/** Whether the attachment is there by which Multus calls istio-cni; Istio 1.18 and older want one in every namespace. */
export async function isCalledByMultus(kube: Kube): Promise<boolean> {
  if (!(await servesAttachments(kube))) return false;
  const attachment = { apiVersion: "k8s.cni.cncf.io/v1", kind: "NetworkAttachmentDefinition", name: "istio-cni" };
  return (await kube.get({ ...attachment, namespace: "default" })) !== undefined;
}

/**
 * Whether istio-cni waits for Multus to call it, and no attachment in `default` makes it do so. In `kube-system` the
 * setting is not looked at.
 */
export async function lacksAttachment(kube: Kube, node: KubeObject): Promise<boolean> {
  if (node.metadata.namespace !== "istio-system" || (await isCalledByMultus(kube))) return false;
  const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "istio-system", name: "istio-cni-config" };
  const { CHAINED_CNI_PLUGIN: chained } = ((await kube.get(ref))?.["data"] ?? {}) as Record<string, string | undefined>;
  return chained === "false";
}
