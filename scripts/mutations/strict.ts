import type { KubeObject } from "../../lib/kube.ts";
import { accompanying, patching } from "../mutators.ts";
import type { Mutation } from "./mutation.ts";

const peerAuthentications = { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication" };
const authorizationPolicies = { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy" };
/** Policies for the whole mesh stand in the root namespace. */
const isOfCheck = ({ metadata }: KubeObject) => metadata.namespace?.startsWith("vmesh-") ?? false;
const isForWorkload = (policy: KubeObject) => isOfCheck(policy) && "selector" in (policy["spec"] as object);
const anyone = () => true;

/** What breaks policies of a namespace or a workload: mutual TLS and authorization. */
export const strictMutations: readonly Mutation[] = [
  {
    name: "permissive-instead-of-strict",
    sentence: "Every PeerAuthentication of a namespace or a workload becomes PERMISSIVE.",
    kills: {
      "strict/namespace": /outsider → .* reset by the server's proxy.* but it ended as `answered`/,
      "strict/unmeshed-pod-refused": /outsider → .* reset by the server's proxy.* but it ended as `answered`/,
      "strict/unmeshed-vmi-to-pod": /outsider-vmi → .* reset by the server's proxy.* but it ended as `answered`/,
      "strict/unmeshed-vmi-to-vmi": /outsider-vmi → .* reset by the server's proxy.* but it ended as `answered`/,
      "strict/permissive-workload": /outsider → .* reset by the server's proxy.* but it ended as `answered`/,
      "strict/disable-workload": /outsider → .* reset by the server's proxy.* but it ended as `answered`/,
      "strict/port-level": /outsider → .* reset by the server's proxy.* but it ended as `answered`/,
      "enrolment/readiness-probe": /outsider → .* reset by the server's proxy.* but it ended as `answered`/,
      "migration/requests-lost": /outsider → .* reset by the server's proxy.* but it ended as `answered`/,
      "migration/target-takes-over": /outsider → .* reset by the server's proxy.* but it ended as `answered`/,
      "network-policy/with-strict": /outsider → .* reset by the server's proxy.* but it ended as `answered`/,
      "strict/destination-rule-disable":
        /client → .* answered with 503 .* but it was answered by the server `istio-vmi`/,
    },
    start: patching(peerAuthentications, isOfCheck, { spec: { mtls: { mode: "PERMISSIVE" } } }),
  },
  {
    name: "strict-never-lifted",
    sentence: "A second STRICT policy outlives that of a namespace.",
    kills: {
      "strict/namespace": /outsider → .* answered with 200 in plaintext.* but .* ended as `reset`/,
      "strict/unmeshed-pod-refused": /outsider → .* answered with 200 in plaintext.* but .* ended as `reset`/,
      "strict/unmeshed-vmi-to-pod": /outsider-vmi → .* answered with 200 in plaintext.* but .* ended as `reset`/,
      "strict/unmeshed-vmi-to-vmi": /outsider-vmi → .* answered with 200 in plaintext.* but .* ended as `reset`/,
    },
    start: accompanying(peerAuthentications, isOfCheck, {
      ...peerAuthentications,
      metadata: { name: "vmesh-mutation" },
      spec: { mtls: { mode: "STRICT" } },
    }),
  },
  {
    name: "workload-policy-strict-as-well",
    sentence: "A PeerAuthentication for one workload becomes STRICT as that of its namespace.",
    kills: {
      "strict/permissive-workload": /outsider → .* answered with 200 in plaintext.* but .* ended as `reset`/,
      "strict/disable-workload": /client → .* in plaintext through Envoy.* but the server saw the client certificate/,
    },
    start: patching(peerAuthentications, isForWorkload, { spec: { mtls: { mode: "STRICT" } } }),
  },
  {
    name: "everyone-authorized",
    sentence: "Every AuthorizationPolicy allows everyone everything.",
    kills: {
      "authorization/allow-by-principal":
        /stranger → .* answered with 403 .* but it was answered by the server `server`/,
      "authorization/deny-by-principal":
        /client-vmi → .* answered with 403 .* but it was answered by the server `istio-vmi`/,
    },
    start: patching(authorizationPolicies, anyone, { spec: { action: "ALLOW", rules: [{}] } }),
  },
  {
    name: "another-principal",
    sentence: "An AuthorizationPolicy names a ServiceAccount that nobody has.",
    kills: {
      "authorization/allow-by-principal": /client-vmi → .* answered with 200 over mutual TLS .* but its status is 403/,
    },
    start: patching(authorizationPolicies, anyone, {
      spec: { rules: [{ from: [{ source: { principals: ["*/sa/nobody"] } }] }] },
    }),
  },
];
