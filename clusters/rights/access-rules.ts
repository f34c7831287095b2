import type { Capability } from "../../lib/environment.ts";
import { mesh } from "../../lib/mesh.ts";

/** When a right is needed: in every run, or only with checks of a kind. */
export type AccessOccasion =
  /** With checks whose YAML holds an object of this kind, of the rule's group. */
  | { kind: string }
  /** With a check that needs this of the cluster. */
  | { needs: Capability }
  /** Where Istio is to come as an application of this platform. */
  | { platform: "starlingx" };

/** A right that vmesh needs on a cluster that it did not make. */
export interface AccessRule {
  /** Empty for the core group. */
  group: string;
  /** `pods`, or with a subresource `pods/exec`. */
  resource: string;
  verbs: readonly string[];
  /** The one namespace it is needed in; without it in all, as checks have namespaces of their own with names of their own. */
  namespace?: string;
  /** The only objects it is needed for. */
  names?: readonly string[];
  why: string;
  /** In every run, if not given. */
  when?: AccessOccasion;
  /** Asked by istioctl, whose requests are in no journal. */
  by?: "istioctl";
}

const read = ["get", "list"] as const;
const use = ["get", "list", "create", "patch", "delete"] as const;
const istioSystem = mesh.gateway.namespace;

/** What the components are looked for and proved with, what every check does, and what evidence of a red one is taken from. */
const ofEveryRun: readonly AccessRule[] = [
  { group: "", resource: "namespaces", verbs: use, why: "one for each check and each probe" },
  { group: "", resource: "serviceaccounts", verbs: ["get"], why: "a namespace takes pods once it has its account" },
  { group: "", resource: "pods", verbs: use, why: "peers, probes, launchers, istiod" },
  { group: "", resource: "pods/exec", verbs: ["get", "create"], why: "requests of pods, questions to proxies" },
  { group: "", resource: "pods/log", verbs: ["get"], why: "serial consoles; evidence" },
  { group: "", resource: "services", verbs: use, why: "peers; cluster DNS, gateways and load balancers" },
  { group: "", resource: "services/proxy", verbs: ["get"], namespace: istioSystem, why: "istiod's version; addons" },
  { group: "", resource: "configmaps", verbs: ["get"], namespace: istioSystem, why: "what Istio was installed with" },
  { group: "", resource: "events", verbs: ["list"], why: "expected warnings; evidence" },
  { group: "", resource: "nodes", verbs: ["list"], why: "how many there are, and which of them take VMs" },
  { group: "discovery.k8s.io", resource: "endpointslices", verbs: ["list"], why: "which pods a Service has; evidence" },
  { group: "apps", resource: "deployments", verbs: read, why: "istiod, gateways and cluster DNS; evidence" },
  {
    group: "apps",
    resource: "daemonsets",
    verbs: read,
    why: "istio-cni, virt-handler, Multus, the engine of policies",
  },
  {
    group: "admissionregistration.k8s.io",
    resource: "mutatingwebhookconfigurations",
    verbs: ["list"],
    why: "the revision of the default tag",
  },
  {
    group: "telemetry.istio.io",
    resource: "telemetries",
    verbs: ["get", "create", "patch", "delete"],
    why: "whether spans reach Jaeger; checks",
  },
  { group: "apps", resource: "statefulsets", verbs: ["get"], namespace: istioSystem, why: "Loki" },
  {
    group: "storage.k8s.io",
    resource: "storageclasses",
    verbs: ["list"],
    why: "whether Loki's volume can be had, where Loki is to be installed",
  },
  {
    group: "apiextensions.k8s.io",
    resource: "customresourcedefinitions",
    verbs: ["get"],
    names: ["gateways.gateway.networking.k8s.io"],
    why: "the version of the Gateway API",
  },
  {
    group: "gateway.networking.k8s.io",
    resource: "gatewayclasses",
    verbs: ["get"],
    names: ["istio"],
    why: "whether istiod makes gateways of the Gateway API",
  },
  { group: "networking.k8s.io", resource: "networkpolicies", verbs: use, why: "whether policies are enforced; checks" },
  {
    group: "networking.k8s.io",
    resource: "servicecidrs",
    verbs: ["get"],
    names: ["kubernetes"],
    why: "the range of the Services",
  },
  {
    group: "k8s.cni.cncf.io",
    resource: "network-attachment-definitions",
    verbs: use,
    why: "whether Multus attaches; Istio's own in `default`",
  },
  { group: "kubevirt.io", resource: "kubevirts", verbs: ["list"], why: "KubeVirt's version, phase and namespace" },
  { group: "kubevirt.io", resource: "virtualmachines", verbs: use, why: "whether its webhooks answer; checks" },
  { group: "kubevirt.io", resource: "virtualmachineinstances", verbs: use, why: "peers" },
  {
    group: "subresources.kubevirt.io",
    resource: "virtualmachineinstances/console",
    verbs: ["get"],
    why: "commands in guests",
  },
  { group: "", resource: "pods", verbs: ["list"], namespace: istioSystem, why: "which istiods to ask", by: "istioctl" },
  {
    group: "",
    resource: "pods/portforward",
    verbs: ["get", "create"],
    namespace: istioSystem,
    why: "`istioctl proxy-status`",
    by: "istioctl",
  },
];

/** Kinds that are looked at as evidence in every run, and applied by checks. */
const appliedKinds: readonly [kind: string, group: string, resource: string][] = [
  ["VirtualMachineInstanceMigration", "kubevirt.io", "virtualmachineinstancemigrations"],
  ["PeerAuthentication", "security.istio.io", "peerauthentications"],
  ["AuthorizationPolicy", "security.istio.io", "authorizationpolicies"],
  ["DestinationRule", "networking.istio.io", "destinationrules"],
  ["VirtualService", "networking.istio.io", "virtualservices"],
  ["ServiceEntry", "networking.istio.io", "serviceentries"],
  ["Sidecar", "networking.istio.io", "sidecars"],
  ["WorkloadEntry", "networking.istio.io", "workloadentries"],
  ["WorkloadGroup", "networking.istio.io", "workloadgroups"],
  ["Gateway", "networking.istio.io", "gateways"],
  ["ProxyConfig", "networking.istio.io", "proxyconfigs"],
];

/** Kinds that are only applied by checks. */
const checkedKinds: typeof appliedKinds = [
  ["EnvoyFilter", "networking.istio.io", "envoyfilters"],
  ["Gateway", "gateway.networking.k8s.io", "gateways"],
  ["HTTPRoute", "gateway.networking.k8s.io", "httproutes"],
  ["ReferenceGrant", "gateway.networking.k8s.io", "referencegrants"],
];

const ofKinds: readonly AccessRule[] = [
  ...appliedKinds.flatMap(([kind, group, resource]): AccessRule[] => [
    { group, resource, verbs: ["list"], why: "evidence" },
    { group, resource, verbs: ["get", "create", "patch", "delete"], why: "checks", when: { kind } },
  ]),
  ...checkedKinds.map(([kind, group, resource]): AccessRule => {
    return { group, resource, verbs: ["get", "create", "patch", "delete"], why: "checks", when: { kind } };
  }),
  {
    group: "",
    resource: "serviceaccounts",
    verbs: ["list", "create", "patch", "delete"],
    why: "identities of peers",
    when: { kind: "ServiceAccount" },
  },
  {
    group: "apps",
    resource: "deployments",
    verbs: ["create", "patch", "delete"],
    why: "Bookinfo",
    when: { kind: "Deployment" },
  },
  {
    group: "",
    resource: "secrets",
    verbs: ["create", "patch", "delete"],
    namespace: istioSystem,
    why: "certificates of checks, for the ingress gateway",
    when: { kind: "Secret" },
  },
];

/** What only single checks do, and those with the VM outside the cluster. */
const ofChecks: readonly AccessRule[] = [
  {
    group: "",
    resource: "configmaps",
    verbs: ["get"],
    names: ["istio-ca-root-cert"],
    why: "the root certificate of the mesh, for workloads and for VMs",
  },
  { group: "networking.istio.io", resource: "workloadentries", verbs: ["get"], why: "whether the VM is registered" },
  {
    group: "networking.istio.io",
    resource: "workloadgroups",
    verbs: ["get"],
    why: "files for a VM",
    when: { needs: "external-vm" },
    by: "istioctl",
  },
  {
    group: "",
    resource: "serviceaccounts/token",
    verbs: ["create"],
    why: "files for a VM: a token for istiod, of the VM's account or of a check's",
    when: { needs: "external-vm" },
  },
];

/** What StarlingX's application takes beyond what every run may; `system` itself asks as somebody else. */
const ofStarlingx: readonly AccessRule[] = [
  {
    group: "",
    resource: "serviceaccounts/token",
    verbs: ["create"],
    namespace: istioSystem,
    names: ["kiali"],
    why: "the login to Kiali",
    when: { platform: "starlingx" },
  },
  {
    group: "",
    resource: "secrets",
    verbs: ["get"],
    namespace: istioSystem,
    why: "the login to Kiali before Kubernetes 1.24, whose Secret has a name of its own on each cluster",
    when: { platform: "starlingx" },
  },
];

/**
 * Every right there is a use for. The test beside it, and `scripts/access.ts` with the requests of a run, keep it honest.
 * Installing is an administrator's: it gives rights away and writes everywhere, and no rule would be less than all. So
 * there is none for what is installed, nor for checks that need `cluster-admin`.
 */
export const accessRules: readonly AccessRule[] = [...ofEveryRun, ...ofKinds, ...ofChecks, ...ofStarlingx];
