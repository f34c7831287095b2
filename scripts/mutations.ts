import type { KubeObject } from "../lib/kube.ts";
import { adding, changing, type Mutator, onAppearance } from "./mutators.ts";

/** One named way in which the product is broken, and what must come of it. */
export interface Mutation {
  name: string;
  /** What is broken, as one sentence. */
  sentence: string;
  /** The checks that turn red, by id, each with what the message its user reads must match. No other may be red. */
  kills: Readonly<Record<string, RegExp>>;
  start: Mutator;
}

const rootNamespace = "istio-system";
const services = { apiVersion: "v1", kind: "Service" };
const policies = { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication" };
const server = "istio-vmi-svc";
const isServer = ({ metadata }: KubeObject) => metadata.name === server && isOfCheck(metadata.namespace);
const isMeshWide = ({ metadata }: KubeObject) => metadata.namespace === rootNamespace;

/** Every mutation. Each check of the catalog is in the `kills` of at least one. */
export const mutations: readonly Mutation[] = [
  {
    name: "sidecar-stripped",
    sentence: "The injection webhooks pass over clients and over all pods of the enrolment checks.",
    kills: {
      "enrolment/annotated-vmi": /the proxy runs and is ready/,
      "inbound/service-from-mesh-pod": /the client pod has no proxy/,
      "vmi-to-vmi/across-nodes": /cirros-vmi has no proxy/,
      "vmi-to-vmi/cirros-requests": /cirros-vmi has no proxy/,
      "strict/mesh-wide": /a mesh client has no proxy/,
    },
    start: changing(
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "MutatingWebhookConfiguration",
        labelSelector: "app=sidecar-injector",
      },
      ({ webhooks }) => ({
        webhooks: (webhooks as object[]).map((webhook) => ({
          ...webhook,
          matchConditions: [
            { name: "not-enrolment", expression: "!request.namespace.startsWith('vmesh-enrolment-')" },
            {
              name: "no-client",
              expression: "!(object.metadata.?labels['app'].orValue('') in ['client', 'cirros-vmi'])",
            },
          ],
        })),
      }),
    ),
  },
  {
    name: "launcher-label-removed",
    sentence: "The launcher pods lose the label that KubeVirt copied from the annotation.",
    kills: { "enrolment/annotated-vmi": /KubeVirt copies the annotation to a label of the pod/ },
    start: onAppearance(
      { apiVersion: "v1", kind: "Pod", labelSelector: "kubevirt.io=virt-launcher" },
      ({ metadata }) => isOfCheck(metadata.namespace),
      (pod, kube) => kube.patch(refIn(pod), { metadata: { labels: { "sidecar.istio.io/inject": null } } }),
    ),
  },
  {
    name: "service-to-wrong-port",
    sentence: "The Service of the server leads to a port on which nothing listens.",
    kills: {
      "inbound/service-from-mesh-pod": /client → .* but its status is 503/,
      "vmi-to-vmi/across-nodes": /cirros-vmi → .* but its status is 503/,
      "vmi-to-vmi/cirros-requests": /cirros-vmi → .* but its status is 503/,
      "strict/mesh-wide": /client → .* but its status is 503/,
    },
    start: onAppearance(services, isServer, (service, kube) =>
      kube.patch(refIn(service), { spec: { ports: [{ port: 8080, protocol: "TCP", targetPort: 9999 }] } }),
    ),
  },
  {
    name: "mtls-disabled",
    sentence: "Clients in the mesh speak plaintext to every Service, which the server's proxy permits.",
    kills: {
      "inbound/service-from-mesh-pod": /client → .* but the server saw the identity `none`/,
      "vmi-to-vmi/across-nodes": /cirros-vmi → .* but the server saw the identity `none`/,
      "vmi-to-vmi/cirros-requests": /cirros-vmi → .* but the server saw the identity `none`/,
      "strict/mesh-wide": /client → .* but the server saw the identity `none`/,
    },
    start: adding({
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata: { name: "vmesh-mutation", namespace: rootNamespace },
      spec: { host: "*.local", trafficPolicy: { tls: { mode: "DISABLE" } } },
    }),
  },
  {
    name: "server-header-removed",
    sentence: "No proxy writes its name into the `server` header.",
    kills: {
      "inbound/service-from-mesh-pod": /client → .* but its server header is `absent`/,
      "vmi-to-vmi/across-nodes": /cirros-vmi → .* but its server header is `absent`/,
      "vmi-to-vmi/cirros-requests": /cirros-vmi → .* but its server header is `absent`/,
      "strict/mesh-wide": /client → .* but its server header is `absent`/,
    },
    start: adding({
      apiVersion: "networking.istio.io/v1alpha3",
      kind: "EnvoyFilter",
      metadata: { name: "vmesh-mutation", namespace: rootNamespace },
      spec: {
        configPatches: [
          {
            applyTo: "NETWORK_FILTER",
            match: { listener: { filterChain: { filter: { name: "envoy.filters.network.http_connection_manager" } } } },
            patch: {
              operation: "MERGE",
              value: {
                typed_config: {
                  "@type":
                    "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                  server_header_transformation: "PASS_THROUGH",
                },
              },
            },
          },
        ],
      },
    }),
  },
  {
    name: "requests-aborted",
    sentence: "Between VMIs that may share a node, three requests of ten are answered with 500.",
    kills: { "vmi-to-vmi/cirros-requests": /\(exchange \d+ of 30\): .* but its status is 500/ },
    start: onAppearance(
      { apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstance" },
      ({ metadata: { name, namespace }, spec }) =>
        name === "cirros-vmi" && isOfCheck(namespace, "vmi-to-vmi") && !("affinity" in (spec as object)),
      ({ metadata: { namespace = "" } }, kube) =>
        kube.apply([
          {
            apiVersion: "networking.istio.io/v1",
            kind: "VirtualService",
            metadata: { name: "vmesh-mutation", namespace },
            spec: {
              hosts: [server],
              http: [
                {
                  fault: { abort: { httpStatus: 500, percentage: { value: 30 } } },
                  route: [{ destination: { host: server } }],
                },
              ],
            },
          },
        ]),
    ),
  },
  {
    name: "permissive-instead-of-strict",
    sentence: "A mesh-wide STRICT becomes PERMISSIVE.",
    kills: { "strict/mesh-wide": /outsider → .* is reset by the server's proxy.* but it ended as `answered`/ },
    start: onAppearance(policies, isMeshWide, (policy, kube) =>
      kube.patch(refIn(policy), { spec: { mtls: { mode: "PERMISSIVE" } } }),
    ),
  },
  {
    name: "strict-never-lifted",
    sentence: "A second STRICT policy outlives the mesh-wide one.",
    kills: { "strict/mesh-wide": /outsider → .* is answered with 200 in plaintext.* but .* ended as `reset`/ },
    start: onAppearance(policies, isMeshWide, async (_policy, kube) => {
      const namespaces = (await kube.list({ apiVersion: "v1", kind: "Namespace" })).map(
        ({ metadata }) => metadata.name,
      );
      const leftover = (namespace: string) => ({
        ...policies,
        metadata: { name: "vmesh-mutation", namespace },
        spec: { mtls: { mode: "STRICT" } },
      });
      await kube.apply(namespaces.filter((name) => isOfCheck(name, "strict")).map(leftover));
    }),
  },
];

/** Whether a namespace is one that a check made, of this suite if one is given. */
function isOfCheck(namespace: string | undefined, suite = ""): boolean {
  return namespace?.startsWith(suite === "" ? "vmesh-" : `vmesh-${suite}-`) ?? false;
}

function refIn({ apiVersion, kind, metadata: { name, namespace = "" } }: KubeObject) {
  return { apiVersion, kind, name, namespace };
}
