import type { Environment } from "../environment.ts";

/** The series by which a workload's proxy counts the requests that come in, each with its selector. */
export interface InboundSeries {
  requests: string;
  /** Bytes of the answers, head and body. */
  answerBytes: string;
  /** Names of histograms without their endings, and the selector that each of their series takes. */
  histograms: { durationMs: string; answerBytes: string };
  selector: string;
}

/**
 * Those of Istio where its own proxy provides them, else Envoy's: what it received from the workload itself. Envoy keeps
 * a histogram of sizes only where an EnvoyFilter tells it to (`track_cluster_stats`), and that is of the body alone.
 */
export function inboundSeries(
  { capabilities }: Pick<Environment, "capabilities">,
  { namespace, pod, port }: { namespace: string; pod: string; port: number },
): InboundSeries {
  const where = `namespace="${namespace}",pod="${pod}"`;
  if (capabilities["istio-metrics"] === true) {
    const selector = `{${where},reporter="destination"}`;
    const histograms = { durationMs: "istio_request_duration_milliseconds", answerBytes: "istio_response_bytes" };
    return {
      requests: `istio_requests_total${selector}`,
      answerBytes: `istio_response_bytes_sum${selector}`,
      histograms,
      selector,
    };
  }
  const selector = `{${where},cluster_name="inbound|${port}||"}`;
  return {
    requests: `envoy_cluster_upstream_rq_total${selector}`,
    answerBytes: `envoy_cluster_upstream_cx_rx_bytes_total${selector}`,
    histograms: { durationMs: "envoy_cluster_upstream_rq_time", answerBytes: "envoy_cluster_upstream_rs_body_size" },
    selector,
  };
}
