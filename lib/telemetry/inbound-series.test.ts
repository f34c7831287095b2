import { expect, test } from "vitest";
import { inboundSeries } from "./inbound-series.ts";

const where = { namespace: "ns", pod: "virt-launcher-istio-vmi-x", port: 8080 };

test("Where Istio's proxy provides its metrics they are asked for, as the server counts them.", () => {
  const series = inboundSeries({ capabilities: { "istio-metrics": true } }, where);
  expect(series.requests).toBe(
    'istio_requests_total{namespace="ns",pod="virt-launcher-istio-vmi-x",reporter="destination"}',
  );
  expect(series.histograms.durationMs).toBe("istio_request_duration_milliseconds");
});

test.each([{ "istio-metrics": "the proxy is the upstream build" }, {}])(
  "Elsewhere Envoy's own are, of the cluster that leads to the workload: %j",
  (capabilities) => {
    const series = inboundSeries({ capabilities }, where);
    const selector = '{namespace="ns",pod="virt-launcher-istio-vmi-x",cluster_name="inbound|8080||"}';
    expect(series).toMatchObject({
      requests: `envoy_cluster_upstream_rq_total${selector}`,
      answerBytes: `envoy_cluster_upstream_cx_rx_bytes_total${selector}`,
      selector,
    });
  },
);
