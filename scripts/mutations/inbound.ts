import { accompanying, adding, type Mutator, namespacesOf, patching } from "../mutators.ts";
import { allPortsBut } from "./all-ports-but.ts";
import type { Mutation } from "./mutation.ts";
import { plaintextClients } from "./plaintext.ts";

const services = { apiVersion: "v1", kind: "Service" };
const vmis = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstance" };
const any = () => true;

/** What breaks the ways into a VMI: its ports, their protocols, and the rules of KubeVirt beside those of Istio. */
export const inboundMutations: readonly Mutation[] = [
  {
    name: "service-declares-another-port",
    sentence: "Each Service declares port 8081, as HTTP/1.1, in the place of what it declared.",
    kills: {
      "inbound/declared-port-with-ports": /counts each request at its cluster: expected \+?0 to be 6/,
      "inbound/declared-port-without-ports": /counts each request at its cluster: expected \+?0 to be 6/,
      "inbound/undeclared-port-with-ports": /counts each request at its cluster: expected \+?0 to be 6/,
      "inbound/undeclared-port-without-ports": /counts each request at its cluster: expected \+?0 to be 6/,
      "inbound/http2": /HTTP\/2 from the client, port `http2`: expected 'HTTP\/1.1' to be 'HTTP\/2.0'/,
    },
    start: patching(services, any, { spec: { ports: [{ name: "http", port: 8081, protocol: "TCP" }] } }),
  },
  {
    name: "strict-instead-of-permissive",
    sentence: "Namespaces with a VMI are under STRICT from the beginning.",
    kills: {
      "inbound/unmeshed-pod-permissive": /outsider → .* answered with 200 in plaintext.* but .* ended as `reset`/,
      "inbound/reserved-ports": /outsider → .*:15000.* answered with 200 in plaintext.* but .* ended as `reset`/,
    },
    start: accompanying(vmis, any, {
      apiVersion: "security.istio.io/v1",
      kind: "PeerAuthentication",
      metadata: { name: "vmesh-mutation" },
      spec: { mtls: { mode: "STRICT" } },
    }),
  },
  {
    name: "proxy-calls-from-elsewhere",
    sentence: "Proxies call their workloads from an address that KubeVirt's rules do not know as Istio's.",
    kills: { "inbound/source-address": /client → .* answered with 200 over mutual TLS.* but (it was not|its status)/ },
    start: accompanying(vmis, any, {
      apiVersion: "networking.istio.io/v1alpha3",
      kind: "EnvoyFilter",
      metadata: { name: "vmesh-mutation" },
      spec: {
        configPatches: [
          {
            applyTo: "CLUSTER",
            match: { context: "SIDECAR_INBOUND" },
            patch: {
              operation: "MERGE",
              value: { upstream_bind_config: { source_address: { address: "127.0.0.7", port_value: 0 } } },
            },
          },
        ],
      },
    }),
  },
  {
    name: "plaintext-inside-the-mesh",
    sentence: "Clients in the mesh speak plaintext to the Services of some checks, which the server's proxy permits.",
    kills: {
      "inbound/headless-service": /client → .* but the server saw the identity `none`/,
      // The server speaks first, and the proxy waits for the client's first bytes.
      "inbound/server-first-tcp": /client → .* greeted by `istio-vmi`.* ended as `timeout`/,
      "vmi-to-vmi/service-names": /client-vmi → .* but the server saw the identity `none`/,
    },
    start: accompanying(services, any, plaintextClients),
  },
  {
    name: "service-of-vmi-selects-a-pod",
    sentence: "The Service of a VMI leads to a pod, whose UDP no proxy and no KubeVirt is between.",
    kills: { "inbound/udp": /outsider → udp:.* refused.* but it ended as `answered`/ },
    start: patching(services, ({ metadata: { name } }) => name === "istio-vmi", {
      spec: { selector: { app: "client" } },
    }),
  },
  {
    name: "ssh-behind-a-policy",
    sentence: "A NetworkPolicy lets every port through but SSH's.",
    kills: {
      "inbound/ssh-port": /→ tcp:.*:22 is greeted by.* but it was not answered/,
      "inbound/ssh-port-strict": /→ tcp:.*:22 is greeted by.* but it was not answered/,
    },
    start: accompanying(vmis, any, allPortsBut(22)),
  },
  {
    name: "reserved-ports-refused",
    sentence: "Admission refuses a VMI that lists Envoy's admin port, as the user guide would have it.",
    kills: { "inbound/reserved-port-listed": /VirtualMachineInstance .*listing-vmi: .* denied request/ },
    start: refusingReservedPorts(),
  },
];

function refusingReservedPorts(): Mutator {
  const kinds = { apiVersion: "admissionregistration.k8s.io/v1", metadata: { name: "vmesh-mutation-reserved-ports" } };
  const rule = { apiGroups: ["kubevirt.io"], apiVersions: ["*"], operations: ["CREATE"] };
  const lists = "object.spec.domain.devices.interfaces.exists(i, has(i.ports) && i.ports.exists(p, p.port == 15000))";
  return (scene) => {
    const policy = {
      ...kinds,
      kind: "ValidatingAdmissionPolicy",
      spec: {
        failurePolicy: "Fail",
        matchConstraints: { resourceRules: [{ ...rule, resources: ["virtualmachineinstances"] }] },
        matchConditions: [
          { name: "declared", expression: `request.namespace.matches('${namespacesOf(scene.targets)}')` },
        ],
        validations: [{ expression: `!${lists}`, message: "port 15000 is Istio's" }],
      },
    };
    const binding = {
      ...kinds,
      kind: "ValidatingAdmissionPolicyBinding",
      spec: { policyName: kinds.metadata.name, validationActions: ["Deny"] },
    };
    return adding(policy, binding)(scene);
  };
}
