import type { KubeObject } from "../../lib/kube.ts";
import { accompanying, changing } from "../mutators.ts";
import { allPortsBut } from "./all-ports-but.ts";
import type { Mutation } from "./mutation.ts";

const vmis = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstance" };
const pods = { apiVersion: "v1", kind: "Pod" };
const isServer = ({ metadata }: KubeObject) => metadata.name === "istio-vmi";

/** What breaks the ways on which the addons learn of requests; no request is broken by it. */
export const observabilityMutations: readonly Mutation[] = [
  {
    name: "metrics-out-of-reach",
    sentence: "A NetworkPolicy lets every port through but the one on which Envoy shows its statistics.",
    kills: {
      "observability/request-histograms": /Prometheus scrapes the proxy of vmi .*\/istio-vmi.* (down|none there)/,
      "observability/addons-answer": /Prometheus scrapes the proxy of pod .*\/scraped.* (down|none there)/,
    },
    start: accompanying(
      pods,
      ({ metadata: { name, labels } }) => name === "scraped" || labels?.["app"] === "istio-vmi",
      allPortsBut(15_090),
    ),
  },
  {
    name: "requests-mirrored",
    sentence: "Every request to a VMI comes to it twice, the second time as a mirror of the first.",
    kills: {
      "observability/inbound-rate":
        /requests that come in for each that cirros-vmi sends: expected [\d.]+ to be less than 1\.4/,
    },
    start: accompanying(vmis, ({ metadata }) => metadata.name === "cirros-vmi", {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "vmesh-mutation" },
      spec: {
        hosts: ["istio-vmi-svc"],
        http: [{ route: [{ destination: { host: "istio-vmi-svc" } }], mirror: { host: "istio-vmi-svc" } }],
      },
    }),
  },
  {
    name: "spans-of-the-server-withheld",
    sentence: "The proxy of the VMI that answers keeps its spans to itself.",
    kills: {
      "observability/request-trace": /Jaeger has spans of client and server in trace .* it has client client-vmi\./,
    },
    start: accompanying(vmis, isServer, telemetry({ tracing: [{ disableSpanReporting: true }] })),
  },
  {
    name: "access-log-of-the-server-off",
    sentence: "The proxy of the VMI that answers writes no access log.",
    kills: { "observability/access-log": /the log of istio-vmi's proxy has the request/ },
    start: accompanying(
      vmis,
      isServer,
      telemetry({ accessLogging: [{ providers: [{ name: "envoy" }], disabled: true }] }),
    ),
  },
  {
    name: "istio-metrics-off",
    sentence: "The proxy of the VMI that answers provides none of Istio's own metrics.",
    kills: {
      "observability/requests-by-workload": /Prometheus has the first request.* has no series/,
      "observability/kiali-graph": /Kiali's graph has .* it has /,
    },
    start: accompanying(
      vmis,
      isServer,
      telemetry({ metrics: [{ overrides: [{ match: { metric: "ALL_METRICS" }, disabled: true }] }] }),
    ),
  },
  {
    name: "grafana-without-endpoints",
    sentence: "The Service of Grafana leads nowhere.",
    kills: { "observability/dashboards-answer": /services\/grafana.* no endpoints available/ },
    start: changing(
      { apiVersion: "v1", kind: "Service", namespace: "istio-system", fieldSelector: "metadata.name=grafana" },
      () => ({ spec: { selector: { "app.kubernetes.io/name": "vmesh-mutation" } } }),
    ),
  },
];

/** For the VMI that answers alone, over what its namespace says. */
function telemetry(spec: object): KubeObject {
  return {
    apiVersion: "telemetry.istio.io/v1",
    kind: "Telemetry",
    metadata: { name: "vmesh-mutation" },
    spec: { selector: { matchLabels: { app: "istio-vmi" } }, ...spec },
  };
}
