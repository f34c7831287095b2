import type { FakeCluster } from "../../lib/kube/fake-api.ts";
import type { KubeObject } from "../../lib/kube.ts";

/** Kinds of a cluster with everything, beside those that a fake serves anyway. */
export const kinds: NonNullable<FakeCluster["kinds"]> = {
  "apps/v1": { Deployment: "deployments", DaemonSet: "daemonsets" },
  "admissionregistration.k8s.io/v1": { MutatingWebhookConfiguration: "mutatingwebhookconfigurations" },
  "authorization.k8s.io/v1": { SelfSubjectAccessReview: "selfsubjectaccessreviews" },
  "networking.k8s.io/v1": { NetworkPolicy: "networkpolicies", ServiceCIDR: "servicecidrs" },
  "k8s.cni.cncf.io/v1": { NetworkAttachmentDefinition: "network-attachment-definitions" },
  "kubevirt.io/v1": { KubeVirt: "kubevirts", VirtualMachineInstance: "virtualmachineinstances" },
  "networking.istio.io/v1": { WorkloadEntry: "workloadentries" },
};

/** A Ready node; `rest` is merged over spec and status. */
export function node(
  name: string,
  rest: { spec?: object; labels?: Record<string, string>; ready?: string } = {},
): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: rest.labels ?? {} },
    spec: rest.spec ?? {},
    status: {
      addresses: [{ type: "InternalIP", address: "192.0.2.7" }],
      conditions: [{ type: "Ready", status: rest.ready ?? "True" }],
      nodeInfo: { architecture: "amd64", kubeletVersion: "v1.34.0" },
    },
  };
}

function workload(
  kind: "Deployment" | "DaemonSet",
  place: string,
  image: string,
  labels: Record<string, string> = {},
): KubeObject {
  const [namespace = "", name = ""] = place.split("/");
  const container = { name: kind === "Deployment" ? "discovery" : name, image };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace, labels },
    spec: { template: { spec: { containers: [container] } } },
    status: { availableReplicas: 1 },
  };
}

/** istiod of a revision, with the values that it was installed with. */
export function istio(revision: string, values: object, image = "registry.example:5000/pilot:1.31.1"): KubeObject[] {
  const end = revision === "default" ? "" : `-${revision}`;
  return [
    workload("Deployment", `istio-system/istiod${end}`, image, { app: "istiod", "istio.io/rev": revision }),
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: `istio-sidecar-injector${end}`, namespace: "istio-system" },
      data: { values: JSON.stringify(values) },
    },
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "istio-system", labels: {} } },
  ];
}

/** What the default tag points at. */
export function defaultTag(revision: string): KubeObject {
  const labels = { "istio.io/tag": "default", "istio.io/rev": revision };
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "istio-revision-tag-default", labels },
  };
}

export const istioCni = workload("DaemonSet", "istio-system/istio-cni-node", "install-cni:1.31.1", {
  "k8s-app": "istio-cni-node",
});
export const attachment: KubeObject = {
  apiVersion: "k8s.cni.cncf.io/v1",
  kind: "NetworkAttachmentDefinition",
  metadata: { name: "istio-cni", namespace: "default" },
};
export const multusNodes = workload("DaemonSet", "kube-system/kube-multus-ds", "multus-cni:v4.2.3");
export const calico = workload("DaemonSet", "kube-system/calico-node", "calico/node:v3.30.0");

/** KubeVirt in a phase. */
export function kubevirt(phase: string): KubeObject {
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "KubeVirt",
    metadata: { name: "kubevirt", namespace: "virtual" },
    status: { phase, observedKubeVirtVersion: "v1.7.0" },
  };
}

/** A Service with an address inside, and one outside if it has got that. */
export function service(place: string, labels: Record<string, string>, outside?: { ip?: string }): KubeObject {
  const [namespace = "", name = ""] = place.split("/");
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace, labels },
    spec: { clusterIP: "10.96.0.10", type: outside ? "LoadBalancer" : "ClusterIP" },
    status: { loadBalancer: { ingress: outside?.ip === undefined ? [] : [{ ip: outside.ip }] } },
  };
}

export const dns = service("kube-system/kube-dns", { "k8s-app": "kube-dns" });

/** The objects of a cluster on which everything is. */
export const everything: readonly KubeObject[] = [
  node("one", { spec: { providerID: "kind://docker/a/one" } }),
  node("two"),
  ...istio("1-31-1", { global: { meshID: "m", network: "n", multiCluster: { clusterName: "c" } } }),
  defaultTag("1-31-1"),
  istioCni,
  attachment,
  multusNodes,
  calico,
  kubevirt("Deployed"),
  dns,
  service("web/front", {}, { ip: "192.0.2.80" }),
];
