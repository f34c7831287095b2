import { refOf } from "../../lib/kube.ts";
import { accompanying, onAppearance, patching } from "../mutators.ts";
import type { Mutation } from "./mutation.ts";

const networking = "networking.istio.io/v1";
const sidecars = { apiVersion: networking, kind: "Sidecar" };
const any = () => true;

/** What breaks requests that VMIs send out, and the rules for them. */
export const outboundMutations: readonly Mutation[] = [
  {
    name: "registry-only-ignored",
    sentence: "Every Sidecar lets requests to unknown hosts pass.",
    kills: {
      "outbound/registry-only-http":
        /client-vmi → .* answered with 502 .* but it was answered by the server `external`/,
      "outbound/registry-only-tcp": /client-vmi → .* closed without a word.* but it ended as `answered`/,
      "outbound/service-entry": /client-vmi → .* answered with 502 .* but it was answered by the server `external`/,
    },
    start: patching(sidecars, any, { spec: { outboundTrafficPolicy: { mode: "ALLOW_ANY" } } }),
  },
  {
    name: "unknown-hosts-refused",
    sentence: "A namespace that lets requests to unknown hosts pass refuses them.",
    kills: { "outbound/allow-any": /client-vmi → .* answered with 200 .* but its status is 502/ },
    start: accompanying(
      { apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstance" },
      any,
      {
        ...sidecars,
        metadata: { name: "vmesh-mutation" },
        spec: { egress: [{ hosts: ["./*"] }], outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } },
      },
      // With it the proxy knows HTTP on this port and says 502; without it, it would only close the connection.
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "vmesh-mutation" },
        spec: { selector: { app: "vmesh-mutation" }, ports: [{ name: "http", port: 8080 }] },
      },
    ),
  },
  {
    name: "service-entry-of-another-host",
    sentence: "A ServiceEntry names the address of another host.",
    kills: { "outbound/service-entry": /client-vmi → .* answered with 200 .* but its status is 502/ },
    start: patching({ apiVersion: networking, kind: "ServiceEntry" }, any, { spec: { addresses: ["192.0.2.1"] } }),
  },
  {
    name: "outbound-mtls-disabled",
    sentence: "A VMI's proxy speaks plaintext to a Service in the mesh.",
    kills: { "outbound/mesh-pod": /client-vmi → .* but the server saw the identity `none`/ },
    start: accompanying({ apiVersion: "v1", kind: "Service" }, ({ metadata }) => metadata.name === "server", {
      apiVersion: networking,
      kind: "DestinationRule",
      metadata: { name: "vmesh-mutation" },
      spec: { host: "server", trafficPolicy: { tls: { mode: "DISABLE" } } },
    }),
  },
  {
    name: "routes-removed",
    sentence: "Every VirtualService is deleted as soon as it is there.",
    kills: {
      "routing/version-by-virtual-service": /client-vmi → .* by `server-v\d`.* but it was answered by `server-v\d`/,
      "routing/weighted-split": /answers of v2 of 200: expected \d+ to be less than or equal to/,
      "routing/fault-abort": /client-vmi → .* answered with 418 .* but it was answered by the server `server`/,
      "routing/retry": /client-vmi → .* 10 times .* but its status is 503/,
      "routing/redirect": /client-vmi → .* a redirect .* but it was answered by the server `server`/,
    },
    start: onAppearance({ apiVersion: networking, kind: "VirtualService" }, any, (route, kube) =>
      kube.remove(refOf(route)),
    ),
  },
];
