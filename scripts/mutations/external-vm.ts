import { namespacePrefix } from "../../lib/fixtures/scene.ts";
import { type KubeObject, refOf } from "../../lib/kube.ts";
import { mesh } from "../../lib/mesh.ts";
import { externalIpOf } from "../../lib/service-address.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import { accompanying, adding, changing, onAppearance, patching } from "../mutators.ts";
import type { Mutation } from "./mutation.ts";
import { plaintextClients } from "./plaintext.ts";
import { rejectedRoutes } from "./rejected-routes.ts";

const { namespace, workload } = mesh.vm;
const services = { apiVersion: "v1", kind: "Service" };
const pods = { apiVersion: "v1", kind: "Pod" };
const workloadGroups = { apiVersion: "networking.istio.io/v1", kind: "WorkloadGroup" };
const isNamed =
  (...names: string[]) =>
  ({ metadata }: KubeObject) =>
    names.includes(metadata.name);

/** Puts objects into the VM's namespace for as long as the namespace of a check is there: its owner. */
const besideVm = (check: string, ...objects: KubeObject[]) =>
  onAppearance(
    { apiVersion: "v1", kind: "Namespace" },
    ({ metadata: { name } }) => name.startsWith(namespacePrefix(check)) && !name.endsWith("-out"),
    ({ metadata: { name, uid } }, kube) => {
      const ownerReferences = [{ apiVersion: "v1", kind: "Namespace", name, uid }];
      return kube.apply(
        objects.map((object) => ({ ...object, metadata: { ...object.metadata, ownerReferences } })),
        {
          namespace,
        },
      );
    },
  );

/**
 * istiod forgets an endpoint that its Service no longer selects at that endpoint's next event only. Until then the VM,
 * whose proxy has no inbound cluster of that Service any more, answers; but what it answers knows no identity.
 */
const withoutService =
  /(client|mesh-pod) → http:\/\/external-app\.vmns\.svc:8000.* but (its status is 503|the server saw the identity `none`)/;

/** Closes the port of the east-west gateway that leads to istiod, for connections from then on, while a namespace is there. */
const closedControlPlane = ({ name, uid }: { name: string; uid?: string }): KubeObject => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: {
    name: "vmesh-mutation",
    namespace: mesh.gateway.namespace,
    ownerReferences: [{ apiVersion: "v1", kind: "Namespace", name, uid }],
  },
  spec: {
    podSelector: { matchLabels: { istio: "eastwestgateway" } },
    ingress: [{ ports: [{ port: 15_443 }, { port: 15_021 }] }],
  },
});

const egressChecks = [
  "scenarios/egress-boundary",
  "vm-boundary/egress-by-address",
  "vm-boundary/egress-by-namespace-name",
];

/** What breaks the way between the mesh and a VM outside the cluster. */
export const externalVmMutations: readonly Mutation[] = [
  {
    name: "vm-service-selects-nobody",
    sentence: "The Service of the application on the VM selects a workload that there is none of.",
    // All that call it: another mutation's checks among them would be red for this one's reason in the same pass.
    kills: Object.fromEntries(
      [
        "getting-started/ratings-on-vm",
        "mesh-to-vm/from-mesh-pod",
        "mesh-to-vm/from-unmeshed-pod",
        "mesh-to-vm/one-service-over-both",
        "vm-health/follows-application",
        "vm-lifecycle/agent-stopped",
        "vm-lifecycle/agent-crashed",
        "vm-lifecycle/reconnected",
        "vm-lifecycle/reboot",
        "vm-boundary/deny-all-does-not-bind",
        ...egressChecks,
        "scenarios/strict-mtls",
      ].map((check) => [check, withoutService]),
    ),
    start: changing({ ...services, namespace, fieldSelector: `metadata.name=${workload}` }, ({ spec }) => ({
      spec: { ...(spec as object), selector: { app: "nobody" } },
    })),
  },
  {
    name: "gateway-at-istiods-port",
    sentence: "The east-west gateway's Service also has the port that istioctl writes.",
    kills: { "vm-onboarding/unfixed-ports": /Not true within \d+ s: the agent's log tells that nothing listens there/ },
    start: async (scene) => {
      const { service: name, namespace: where } = mesh.gateway;
      const gateway = await scene.kube.get({ ...services, name, namespace: where });
      const spec = {
        selector: { istio: "eastwestgateway" },
        externalIPs: [externalIpOf(gateway)],
        ports: [{ port: 15_012 }],
      };
      return adding({ ...services, metadata: { name: "vmesh-mutation", namespace: where }, spec })(scene);
    },
  },
  {
    name: "vm-among-endpoints",
    sentence: "Kubernetes has an EndpointSlice for the VM's Service that names the VM.",
    kills: { "mesh-to-vm/from-unmeshed-pod": /outsider → .* refused, as by a host .* but it ended as `answered`/ },
    start: async ({ kube, signal }) => {
      const [entry] = await kube.list({ apiVersion: "networking.istio.io/v1", kind: "WorkloadEntry", namespace });
      const address = (entry?.["spec"] as { address?: string } | undefined)?.address ?? "";
      const slice = {
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        metadata: { name: "vmesh-mutation", namespace, labels: { "kubernetes.io/service-name": workload } },
        addressType: "IPv4",
        endpoints: [{ addresses: [address] }],
        ports: [{ name: "http", port: mesh.vm.port }],
      };
      await kube.apply([slice], { signal });
      return () => kube.remove(refOf(slice));
    },
  },
  {
    name: "pod-beside-vm-not-selected",
    sentence: "The Service of the application selects the VM alone, as the pod beside it has another label.",
    kills: { "mesh-to-vm/one-service-over-both": /expected \[ 'external-app' \] to deeply equal/ },
    start: patching(pods, isNamed("external-app-pod"), { metadata: { labels: { app: "another-app" } } }),
  },
  {
    name: "one-version-selected",
    sentence: "The Service of helloworld selects its first version alone.",
    kills: { "scenarios/vm-to-mesh-curl": /expected \[ 'helloworld-v1' \] to deeply equal/ },
    start: patching(services, isNamed("helloworld"), { spec: { selector: { version: "v1" } } }),
  },
  {
    name: "client-of-vm-in-plaintext",
    sentence: "Clients in the mesh speak plaintext to the application on the VM, which its proxy permits.",
    kills: { "mesh-to-vm/from-mesh-pod": /client → .* but the server saw the identity `none`/ },
    start: accompanying(pods, isNamed("client"), plaintextClients),
  },
  {
    name: "service-not-exported",
    sentence: "Services are not made known to other namespaces, and so not to the VM.",
    kills: {
      "vm-to-mesh/through-gateway": /vm vmns\/external-vm → .* but it was not answered/,
      "scenarios/vm-to-mesh-curl": /vm vmns\/external-vm → .* but it was not answered/,
      "vm-dns/service-names": /the VM resolves them over UDP/,
      "vm-dns/outside-names": /the VM's own resolver knows the Service.* expected '192\.0\.2\.53'/,
    },
    start: patching(services, isNamed("server", "headless", "helloworld"), {
      metadata: { annotations: { "networking.istio.io/exportTo": "." } },
    }),
  },
  {
    name: "registered-elsewhere",
    sentence: "The WorkloadEntry of the VM says that it is of another group.",
    kills: { "vm-onboarding/registered": /WorkloadEntry external-app-.*-vm-network: expected/ },
    start: async ({ kube }) => {
      const query = { apiVersion: "networking.istio.io/v1", kind: "WorkloadEntry", namespace };
      const annotate = async (group: string) => {
        for (const entry of await kube.list(query)) {
          await kube.patch(refOf(entry), { metadata: { annotations: { "istio.io/autoRegistrationGroup": group } } });
        }
      };
      await annotate("another-app");
      return () => annotate(workload);
    },
  },
  {
    name: "routes-of-vm-rejected",
    sentence: "The routes that istiod sends to the VM are rejected by its Envoy.",
    kills: { "vm-onboarding/proxy-synced": /proxy-status shows .*RDS (?!SYNCED)/ },
    start: besideVm("vm-onboarding/proxy-synced", rejectedRoutes),
  },
  {
    name: "group-on-another-network",
    sentence: "The WorkloadGroup puts its VMs on a network of another name.",
    kills: { "vm-onboarding/files": /to contain 'ISTIO_META_NETWORK=/ },
    start: patching(workloadGroups, isNamed("new-app"), { spec: { template: { network: "another-network" } } }),
  },
  {
    name: "pending-gateway-gets-address",
    sentence: "A gateway without an external address gets one after all.",
    kills: { "vm-onboarding/gateway-without-address": /promise resolved .* instead of rejecting/ },
    start: onAppearance(services, isNamed("pending-gateway"), (service, kube) =>
      kube.patch(refOf(service), { status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } } }, "status"),
    ),
  },
  {
    name: "unknown-group-exists",
    sentence: "The WorkloadGroup that is to be unknown exists.",
    kills: { "vm-onboarding/unknown-group": /Not true within \d+ s: the agent's log tells the refusal/ },
    start: besideVm("vm-onboarding/unknown-group", {
      ...workloadGroups,
      metadata: { name: "no-such-group" },
      spec: { metadata: {}, template: { serviceAccount: mesh.vm.serviceAccount, network: mesh.networks.vm } },
    }),
  },
  {
    name: "control-plane-unreachable",
    sentence: "The port of the east-west gateway that leads to istiod is closed.",
    kills: { "vm-onboarding/wrong-service-account": /Not true within \d+ s: the agent's log tells the refusal/ },
    start: onAppearance(
      { apiVersion: "v1", kind: "Namespace" },
      ({ metadata: { name } }) => name.startsWith(namespacePrefix("vm-onboarding/wrong-service-account")),
      ({ metadata }, kube) => kube.apply([closedControlPlane(metadata)]),
    ),
  },
  {
    name: "control-plane-closed-for-the-grace-period",
    sentence: "A VM that loses its connection finds no way to istiod until its WorkloadEntry is deleted.",
    kills: { "vm-lifecycle/reconnected": /UID of its WorkloadEntry|Not true within \d+ s: it is connected anew/ },
    start: onAppearance(
      { apiVersion: "v1", kind: "Namespace" },
      ({ metadata: { name } }) => name.startsWith(namespacePrefix("vm-lifecycle/reconnected")),
      async ({ metadata }, kube) => {
        const policy = closedControlPlane(metadata);
        await kube.apply([policy]);
        const query = { apiVersion: "networking.istio.io/v1", kind: "WorkloadEntry", namespace };
        await eventually({ what: "the VM's WorkloadEntry is deleted", budgetMs: timeouts.check }, async () => {
          if ((await kube.list(query)).length > 0) throw new Error("it is there");
        });
        await kube.remove(refOf(policy));
      },
    ),
  },
  {
    name: "vm-permissive-instead-of-strict",
    sentence: "A STRICT policy for the VM's namespace becomes PERMISSIVE.",
    kills: { "vm-strict/uncaptured-port": /outsider → .* reset by the server's proxy.* but it ended as `answered`/ },
    start: patching(
      { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication" },
      (policy) => policy.metadata.namespace === namespace,
      { spec: { mtls: { mode: "PERMISSIVE" } } },
    ),
  },
  {
    name: "everything-let-out",
    sentence: "Beside each NetworkPolicy for what leaves a namespace stands one that lets everything out.",
    kills: Object.fromEntries(
      egressChecks.map((check) => [
        check,
        /client → .* answered with 503 .* but it was answered by the server `external-app`/,
      ]),
    ),
    start: accompanying(
      { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" },
      ({ metadata }) => metadata.name.startsWith("deny-egress"),
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "vmesh-mutation" },
        spec: { podSelector: {}, policyTypes: ["Egress"], egress: [{}] },
      },
    ),
  },
  {
    name: "egress-policies-cut-off-istiod",
    sentence: "Each NetworkPolicy for what leaves a namespace names istiod's namespace beside the VM's.",
    kills: Object.fromEntries(
      egressChecks.map((check) => [check, /client → http:\/\/istiod\S*:15014\/version.* but its status is 503/]),
    ),
    start: patching(
      { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" },
      ({ metadata }) => metadata.name.startsWith("deny-egress"),
      {
        spec: {
          egress: [
            {
              to: [
                {
                  namespaceSelector: {
                    matchExpressions: [
                      { key: "kubernetes.io/metadata.name", operator: "NotIn", values: [namespace, "istio-system"] },
                    ],
                  },
                },
              ],
            },
          ],
        },
      },
    ),
  },
];
