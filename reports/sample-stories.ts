import type { PeerName } from "../lib/calls.ts";
import { mesh } from "../lib/mesh.ts";
import type { Call, CaseReport } from "./model.ts";
import { sampleCall } from "./sample-calls.ts";

/** A check of the sample: its name, its sentence, how long it took, and what its peers did. */
export interface Story {
  id: string;
  title: string;
  tags: string[];
  extended?: true;
  serial?: boolean;
  seconds: number;
  play?: (peers: Peers) => Call[];
  properties?: CaseReport["properties"];
}

/** Who may take part in a check. */
export type Peers = Record<"pod" | "vmi" | "other" | "plainPod" | "plainVmi" | "vm", PeerName> & {
  namespace: string;
};

/** Of the host outside cluster and mesh. */
export const externalAddress = "192.0.2.10";

/** Real checks, some of each suite, with the calls that they make. */
export const stories: readonly Story[] = [
  {
    id: "authorization/allow-by-principal",
    title: "A mesh pod that allows only a VMI's own ServiceAccount answers the VMI, and 403 to any other identity.",
    tags: ["authorization", "vmi", "mtls"],
    seconds: 58,
    play: ({ vmi, pod, namespace }) => [
      sampleCall(vmi, `http://server.${namespace}:8080`, "mtls", "server", 4),
      sampleCall(pod, `http://server.${namespace}:8080`, "mtls", "server", 2),
      sampleCall(pod, `http://server.${namespace}:8080`, "forbidden", "server"),
    ],
  },
  {
    id: "dns/capture-on-masquerade",
    title: "With mesh-wide DNS capture a guest behind masquerade still resolves Service names.",
    tags: ["dns", "vmi"],
    extended: true,
    serial: true,
    seconds: 71,
  },
  {
    id: "enrolment/annotated-vmi",
    title: "An annotated VMI in a mesh namespace gets its proxy and becomes Ready.",
    tags: ["enrolment", "vmi"],
    seconds: 41,
  },
  {
    id: "enrolment/opted-out-vmi",
    title: "A VMI that opts out of a mesh namespace gets no proxy and answers in plaintext.",
    tags: ["enrolment", "vmi"],
    seconds: 44,
    play: ({ pod, namespace }) => [sampleCall(pod, `http://plain-vmi.${namespace}:8080`, "plain", "plain-vmi", 2)],
  },
  {
    id: "enrolment/proxy-synced",
    title: "`istioctl proxy-status` shows every VMI's proxy as SYNCED in all four types.",
    tags: ["enrolment", "vmi"],
    seconds: 39,
  },
  {
    id: "inbound/declared-port-with-ports",
    title: "A declared port that the VMI lists reaches the guest through Envoy's cluster of its Service.",
    tags: ["inbound", "vmi", "ports"],
    seconds: 62,
    play: ({ pod, namespace }) => [sampleCall(pod, `http://istio-vmi.${namespace}:8080`, "mtls", "istio-vmi", 3)],
  },
  {
    id: "inbound/reserved-ports",
    title: "Five of Istio's ten reserved ports never lead into a VMI; the other five do, through Envoy's passthrough.",
    tags: ["inbound", "vmi", "ports"],
    extended: true,
    seconds: 96,
    play: ({ pod, plainPod, namespace }) => [
      sampleCall(pod, `http://istio-vmi.${namespace}:15020`, "plain", "istio-vmi", 5),
      sampleCall(plainPod, "http://10.42.0.31:15004", "plain", "istio-vmi", 5),
    ],
  },
  {
    id: "inbound/server-first-tcp",
    title:
      "A TCP server that speaks first greets a mesh pod over mutual TLS, and an unmeshed one where mTLS is disabled.",
    tags: ["inbound", "vmi", "tcp", "mtls"],
    seconds: 66,
    play: ({ pod, plainPod, namespace }) => [
      sampleCall(pod, `tcp://istio-vmi.${namespace}.svc.cluster.local:9090`, "greeted", "istio-vmi", 6),
      sampleCall(plainPod, `tcp://istio-vmi.${namespace}.svc.cluster.local:9090`, "greeted", "istio-vmi"),
    ],
  },
  {
    id: "inbound/unmeshed-pod-permissive",
    title: "Under PERMISSIVE a pod outside the mesh reaches a VMI through its Service in plaintext, yet through Envoy.",
    tags: ["inbound", "vmi", "permissive"],
    seconds: 48,
    play: ({ plainPod, namespace }) => [
      sampleCall(plainPod, `http://istio-vmi.${namespace}:8080`, "plain", "istio-vmi", 2),
    ],
  },
  {
    id: "lifecycle/istiod-restart",
    title: "While istiod is restarted no request to or from a VMI is lost, and its proxy is SYNCED with the new one.",
    tags: ["lifecycle", "vmi", "mtls"],
    serial: true,
    seconds: 88,
    play: ({ pod, vmi, namespace }) => [
      sampleCall(pod, `http://istio-vmi.${namespace}:8080`, "mtls", "istio-vmi", 212),
      sampleCall(vmi, `http://server.${namespace}:8080`, "mtls", "server", 205),
    ],
    properties: { istiod_restart_ms: 8_412 },
  },
  {
    id: "lifecycle/stop-start",
    title: "A stopped VM leaves its clients without a healthy upstream; started again, it is back in the mesh.",
    tags: ["lifecycle", "vm", "mtls"],
    seconds: 104,
    play: ({ pod, namespace }) => [
      sampleCall(pod, `http://istio-vmi.${namespace}:8080`, "mtls", "istio-vmi", 2),
      sampleCall(pod, `http://istio-vmi.${namespace}:8080`, "unhealthy", "istio-vmi"),
    ],
  },
  {
    id: "mesh-to-vm/from-mesh-pod",
    title: "A mesh pod calls the application on a VM outside the cluster by its Service over mutual TLS.",
    tags: ["vm", "inbound", "mtls"],
    seconds: 23,
    play: ({ pod }) => [sampleCall(pod, mesh.vm.url, "mtls", mesh.vm.workload, 10)],
  },
  {
    id: "migration/target-takes-over",
    title:
      "After a live migration under STRICT the source pod has finished, and mesh and Service know the target alone.",
    tags: ["migration", "vmi", "mtls", "two-nodes"],
    extended: true,
    seconds: 0,
  },
  {
    id: "network-policy/with-strict",
    title:
      "Under STRICT and a policy that denies ingress, what a client of a VMI sees tells which of the two refused it.",
    tags: ["network-policy", "strict", "vmi", "mtls"],
    extended: true,
    seconds: 83,
    play: ({ pod, plainPod, plainVmi, namespace }) => [
      sampleCall(pod, `http://istio-vmi.${namespace}:8080`, "mtls", "istio-vmi", 2),
      sampleCall(pod, `http://istio-vmi.${namespace}:8080`, "no-policy", "istio-vmi", 3),
      sampleCall(plainPod, `http://istio-vmi.${namespace}:8080`, "policy", "istio-vmi", 3),
      sampleCall(plainPod, `http://istio-vmi.${namespace}:8080`, "reset", "istio-vmi", 3),
      sampleCall(plainPod, `http://plain-vmi.${namespace}:8080`, "policy", "plain-vmi", 3),
      sampleCall(plainVmi, `http://istio-vmi.${namespace}:8080`, "reset", "istio-vmi"),
    ],
  },
  {
    id: "outbound/allow-any",
    title: "A VMI reaches a host outside the cluster over HTTP and TCP, through PassthroughCluster under ALLOW_ANY.",
    tags: ["outbound", "vmi"],
    seconds: 52,
    play: ({ vmi }) => [
      sampleCall(vmi, `http://${externalAddress}:8080`, "plain", "external", 5),
      sampleCall(vmi, `tcp://${externalAddress}:9090`, "greeted", "external", 5),
    ],
  },
  {
    id: "outbound/registry-only-http",
    title:
      "Under REGISTRY_ONLY a VMI's HTTP request to a host outside the mesh's registry is answered 502 by its own proxy.",
    tags: ["outbound", "vmi"],
    seconds: 57,
    play: ({ vmi }) => [
      sampleCall(vmi, `http://${externalAddress}:8080`, "plain", "external", 2),
      sampleCall(vmi, `http://${externalAddress}:8080`, "unknown", "external", 3),
    ],
  },
  {
    id: "routing/weighted-split",
    title: "Of a VMI's requests to a Service that a VirtualService splits 80 to 20, each version gets its share.",
    tags: ["routing", "vmi"],
    extended: true,
    seconds: 74,
    play: ({ vmi, namespace }) => [
      sampleCall(vmi, `http://server.${namespace}:8080`, "mtls", "server-v1", 163),
      sampleCall(vmi, `http://server.${namespace}:8080`, "mtls", "server-v2", 37),
    ],
    properties: { answers_of_v2: 37 },
  },
  {
    id: "scenarios/cirros-to-istio-vmi",
    title: "30 of 30 requests of one VMI to another's Service are answered over mutual TLS, about one a second.",
    tags: ["vmi-to-vmi", "vmi", "mtls"],
    seconds: 92,
    play: ({ other, namespace }) => [
      sampleCall(other, `http://istio-vmi-svc.${namespace}.svc.cluster.local:8080`, "mtls", "istio-vmi", 31),
    ],
    properties: { requests_per_second: "0.98" },
  },
  {
    id: "scenarios/egress-boundary",
    title: "The source's egress policy cuts a namespace off from the VM, and from every address that is no pod's.",
    tags: ["vm", "network-policy"],
    seconds: 49,
    play: ({ pod, namespace }) => [
      sampleCall(pod, mesh.vm.url, "mtls", mesh.vm.workload, 2),
      sampleCall(pod, mesh.vm.url, "no-policy", mesh.vm.workload, 3),
      sampleCall(pod, `http://${externalAddress}:8080`, "no-policy", "external", 2),
      sampleCall(pod, `http://server.${namespace}:8080`, "mtls", "server", 3),
    ],
  },
  {
    id: "scenarios/vm-to-mesh-curl",
    title: "A VM outside the cluster calls helloworld by name, and both versions answer over mutual TLS.",
    tags: ["vm", "outbound", "mtls"],
    seconds: 31,
    play: ({ vm, namespace }) => [
      sampleCall(vm, `http://helloworld.${namespace}.svc:5000/hello`, "mtls", "server-v1", 11),
      sampleCall(vm, `http://helloworld.${namespace}.svc:5000/hello`, "mtls", "server-v2", 9),
    ],
  },
  {
    id: "strict/mesh-wide",
    title:
      "Under mesh-wide STRICT mesh pods and VMIs reach each other, and a pod and a VMI outside the mesh are reset.",
    tags: ["strict", "vmi", "mtls"],
    serial: true,
    seconds: 94,
    play: ({ pod, vmi, plainPod, plainVmi, namespace }) => [
      sampleCall(pod, `http://istio-vmi.${namespace}:8080`, "mtls", "istio-vmi", 3),
      sampleCall(vmi, `http://server.${namespace}:8080`, "mtls", "server", 3),
      sampleCall(plainPod, `http://istio-vmi.${namespace}:8080`, "reset", "istio-vmi", 3),
      sampleCall(plainPod, `http://server.${namespace}:8080`, "reset", "server", 3),
      sampleCall(plainVmi, `http://server.${namespace}:8080`, "reset", "server", 3),
    ],
  },
  {
    id: "strict/unmeshed-pod-refused",
    title:
      "Under STRICT a pod outside the mesh is reset by a VMI, on every variant of Service port and interface ports.",
    tags: ["strict", "vmi", "mtls"],
    seconds: 69,
    play: ({ plainPod, pod, namespace }) => [
      sampleCall(plainPod, `http://istio-vmi.${namespace}:8080`, "reset", "istio-vmi", 4),
      sampleCall(plainPod, `http://istio-vmi.${namespace}:8081`, "reset", "istio-vmi", 4),
      sampleCall(pod, `http://istio-vmi.${namespace}:8080`, "mtls", "istio-vmi", 2),
    ],
  },
  {
    id: "vm-health/follows-application",
    title: "A VM whose application stops listening gets no traffic until it listens again.",
    tags: ["vm", "health", "inbound"],
    seconds: 64,
    play: ({ pod }) => [
      sampleCall(pod, mesh.vm.url, "mtls", mesh.vm.workload, 2),
      sampleCall(pod, mesh.vm.url, "unhealthy", mesh.vm.workload),
    ],
  },
  {
    id: "vm-lifecycle/reboot",
    title: "A VM that is rebooted rejoins by the certificate on its disk, as the token is lost with the memory.",
    tags: ["vm", "lifecycle"],
    extended: true,
    seconds: 148,
    play: ({ pod, vm, namespace }) => [
      sampleCall(pod, mesh.vm.url, "mtls", mesh.vm.workload, 2),
      sampleCall(vm, `http://server.${namespace}:8080`, "mtls", "server"),
    ],
    properties: { reboot_to_ssh_ms: 66_709, reboot_to_proxy_ms: 140_578 },
  },
  {
    id: "vmi-to-vmi/service-names",
    title: "A guest finds a VMI's Service by short name, by name and namespace and in full, and is known there.",
    tags: ["vmi-to-vmi", "vmi", "dns", "mtls"],
    seconds: 77,
    play: ({ other, namespace }) => [
      sampleCall(other, "http://istio-vmi:8080", "mtls", "istio-vmi", 2),
      sampleCall(other, `http://istio-vmi.${namespace}:8080`, "mtls", "istio-vmi", 2),
      sampleCall(other, `http://istio-vmi.${namespace}.svc.cluster.local:8080`, "mtls", "istio-vmi", 2),
    ],
  },
];
