import { answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

const REQUESTS = 20;

check(
  {
    title: "`istio_requests_total` from one VMI to another rises by as many requests as were sent.",
    profile: "extended",
    tags: ["observability", "vmi-to-vmi", "vmi"],
    source: "kubevirt-blog",
    rows: ["O1"],
    needs: ["kubevirt", "istio", "istio-cni", "prometheus", "istio-metrics"],
  },
  async ({ apply, vmi, expectScraped, metric, eventually, expectExchange, expectEvery, namespace }) => {
    await apply();
    const [client, istioVmi] = await Promise.all([vmi("client-vmi"), vmi("istio-vmi")]);
    if (!client.identity) return expect.unreachable("client-vmi has no proxy");
    const { intervalMs } = await expectScraped(istioVmi);
    const selector = [
      'reporter="destination"',
      'source_workload="client-vmi"',
      `source_workload_namespace="${namespace}"`,
      'destination_workload="istio-vmi"',
      `destination_workload_namespace="${namespace}"`,
      'response_code="200"',
      'connection_security_policy="mutual_tls"',
    ].join(",");
    const total = () => metric(`sum(istio_requests_total{${selector}})`);
    const within = { withinMs: 4 * intervalMs };

    const url = `http://istio-vmi.${namespace}.svc.cluster.local:8080`;
    const known = answered({ identity: client.identity, viaEnvoy: true });
    await expectExchange(client, { url }, known);
    const before = await eventually("Prometheus has the first request", total, within);
    await expectEvery(client, { url, count: REQUESTS, intervalMs: 100 }, known);
    const risen = await eventually(
      `istio_requests_total has risen by ${REQUESTS}`,
      async () => {
        const rise = (await total()) - before;
        if (rise >= REQUESTS) return rise;
        throw new Error(`it has risen by ${rise}`);
      },
      within,
    );
    expect(risen, "requests counted beyond the first").toBe(REQUESTS);
  },
);
