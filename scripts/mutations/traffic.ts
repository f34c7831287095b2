import type { KubeObject } from "../../lib/kube.ts";
import { accompanying, changing, namespacesOf, patching } from "../mutators.ts";
import type { Mutation } from "./mutation.ts";
import { plaintextClients } from "./plaintext.ts";

const services = { apiVersion: "v1", kind: "Service" };
const isServer = ({ metadata }: KubeObject) => ["istio-vmi", "istio-vmi-svc"].includes(metadata.name);

/** What breaks requests to a VMI in whatever check: between the client's proxy and the guest. */
export const trafficMutations: readonly Mutation[] = [
  {
    name: "client-without-proxy",
    sentence: "The injection webhooks pass over the clients of some checks.",
    kills: {
      "scenarios/vmi-through-service": /the client pod has no proxy/,
      "vmi-to-vmi/across-nodes": /cirros-vmi has no proxy/,
    },
    start: changing(
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "MutatingWebhookConfiguration",
        labelSelector: "app=sidecar-injector",
      },
      ({ webhooks }, targets) => ({
        webhooks: (webhooks as { matchConditions?: object[] }[]).map((webhook) => ({
          ...webhook,
          matchConditions: [
            ...(webhook.matchConditions ?? []),
            {
              name: "no-client",
              expression:
                `!request.namespace.matches('${namespacesOf(targets)}') || ` +
                "!(object.metadata.?labels['app'].orValue('') in ['client', 'client-vmi', 'cirros-vmi'])",
            },
          ],
        })),
      }),
    ),
  },
  {
    name: "service-to-wrong-port",
    sentence: "The Service of the server leads to a port on which nothing listens.",
    kills: {
      "scenarios/cirros-to-istio-vmi": /cirros-vmi → .* but its status is 503/,
    },
    start: patching(services, isServer, { spec: { ports: [{ port: 8080, protocol: "TCP", targetPort: 9999 }] } }),
  },
  {
    name: "mtls-disabled",
    sentence: "Clients in the mesh speak plaintext to every Service, which the server's proxy permits.",
    kills: {
      "scenarios/vmi-through-service": /client → .* but the server saw the identity `none`/,
    },
    start: accompanying(services, isServer, plaintextClients),
  },
  {
    name: "server-header-removed",
    sentence: "No proxy writes its name into the `server` header.",
    kills: {
      "vmi-to-vmi/across-nodes": /cirros-vmi → .* but its server header is `absent`/,
    },
    start: accompanying(services, isServer, {
      apiVersion: "networking.istio.io/v1alpha3",
      kind: "EnvoyFilter",
      metadata: { name: "vmesh-mutation" },
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
];
