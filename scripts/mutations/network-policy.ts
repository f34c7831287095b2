import type { KubeObject } from "../../lib/kube.ts";
import { accompanying, onAppearance, patching } from "../mutators.ts";
import type { Mutation } from "./mutation.ts";

const policies = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" };
const second = { ...policies, metadata: { name: "vmesh-mutation" } };
const isOfCheck = ({ metadata }: KubeObject) =>
  metadata.name !== second.metadata.name && (metadata.namespace?.startsWith("vmesh-") ?? false);

/** What breaks policies of the cluster's network. */
export const networkPolicyMutations: readonly Mutation[] = [
  {
    name: "everything-let-in",
    sentence: "Beside each NetworkPolicy stands one that lets everything in to every pod.",
    kills: {
      "network-policy/engine-enforces": /client → .* refused by the node.* but it ended as `answered`/,
      "network-policy/deny-ingress-without-proxy": /client → .* refused by the node.* but it ended as `answered`/,
      "network-policy/deny-ingress": /client → .* answered with 503 .* but it was answered by the server `istio-vmi`/,
      "network-policy/same-namespace": /outsider → .* refused by the node.* but it ended as `answered`/,
      "network-policy/one-port": /client → .* answered with 503 .* but it was answered by the server `istio-vmi`/,
      // What is left refuses, too, but in its own way.
      "network-policy/with-strict": /outsider → .* refused by the node.* but it ended as `reset`/,
      "vm-boundary/deny-all-does-not-bind": /client → .* answered with 503 .* but it was answered by the server `twin`/,
    },
    start: accompanying(policies, isOfCheck, { ...second, spec: { podSelector: {}, ingress: [{}] } }),
  },
  {
    name: "network-policy-never-lifted",
    sentence: "A copy of each NetworkPolicy outlives it.",
    kills: {
      "network-policy/engine-enforces": /client → .* answered with 200 in plaintext.* but .* ended as `refused`/,
      "network-policy/deny-ingress-without-proxy":
        /client → .* answered with 200 in plaintext.* but .* ended as `refused`/,
      "network-policy/deny-ingress": /client → .* answered with 200 over mutual TLS.* but its status is 503/,
      "network-policy/same-namespace": /outsider → .* answered with 200 in plaintext.* but .* ended as `refused`/,
      "network-policy/one-port": /client → .* answered with 200 over mutual TLS.* but its status is 503/,
      "network-policy/with-strict": /outsider → .* reset by the server's proxy.* but it ended as `refused`/,
    },
    start: onAppearance(policies, isOfCheck, ({ spec, metadata: { namespace = "" } }, kube) =>
      kube.apply([{ ...second, spec }], { namespace }),
    ),
  },
  {
    name: "every-namespace-let-in",
    sentence: "A NetworkPolicy for the pods of its own namespace is one for those of all namespaces.",
    kills: { "network-policy/same-namespace": /outsider → .* refused by the node.* but it ended as `answered`/ },
    start: patching(policies, isOfCheck, { spec: { ingress: [{ from: [{ namespaceSelector: {} }] }] } }),
  },
  {
    name: "any-client-let-in",
    sentence: "A NetworkPolicy for one client and one port is one for every client.",
    kills: {
      "network-policy/one-port": /stranger → .* answered with 503 .* but it was answered by the server `istio-vmi`/,
    },
    start: patching(policies, isOfCheck, { spec: { ingress: [{ ports: [{ protocol: "TCP", port: 8080 }] }] } }),
  },
  {
    name: "port-of-envoy-let-in",
    sentence: "A NetworkPolicy names the port to which the pod redirects a connection, not the one that it came for.",
    kills: { "network-policy/one-port": /:8081 .* answered with 200 .* but its status is 503/ },
    start: patching(policies, isOfCheck, { spec: { ingress: [{ ports: [{ protocol: "TCP", port: 15_006 }] }] } }),
  },
];
