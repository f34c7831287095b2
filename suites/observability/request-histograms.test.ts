import { answered } from "../../lib/expectations.ts";
import { answerBytes, check, countUpTo, expect } from "../../lib/test.ts";

const REQUESTS = 20;

check(
  {
    title: "Prometheus has plausible histograms of duration and size of the requests that come in at a VMI.",
    profile: "extended",
    tags: ["observability", "vmi"],
    source: "kubevirt-blog",
    rows: ["O4"],
    needs: ["kubevirt", "istio", "istio-cni", "prometheus"],
  },
  async ({
    apply,
    pod,
    vmi,
    expectScraped,
    inbound,
    expectHistogram,
    expectExchange,
    expectEvery,
    property,
    namespace,
  }) => {
    await apply();
    const [client, istioVmi] = await Promise.all([pod("client"), vmi("istio-vmi")]);
    if (!client.identity) return expect.unreachable("the client pod has no proxy");
    await expectScraped(istioVmi);

    const url = `http://istio-vmi.${namespace}.svc.cluster.local:8080`;
    const overMutualTls = answered({ identity: client.identity, viaEnvoy: true });
    const first = await expectExchange(client, { url }, overMutualTls);
    const more = await expectEvery(client, { url, count: REQUESTS, intervalMs: 100 }, overMutualTls);
    const exchanges = [...first, ...more];

    const series = await inbound(istioVmi, 8080);
    const durations = await expectHistogram(series, "durationMs", exchanges.length);
    const sizes = await expectHistogram(series, "answerBytes", exchanges.length);
    property("mean_duration_ms", durations.mean.toFixed(1));
    property("mean_answer_bytes", sizes.mean.toFixed(0));
    // The client waited for the network and two proxies as well.
    const slowest = Math.max(...exchanges.map(({ ms }) => ms));
    expect(countUpTo(durations, slowest), `durations of at most the client's slowest, ${slowest} ms`).toBe(
      durations.count,
    );
    expect(durations.mean, "mean duration in milliseconds").toBeLessThanOrEqual(slowest);
    expect(durations.mean, "mean duration in milliseconds").toBeGreaterThan(0);
    // Envoy's sums are of its own finer buckets, to a twentieth.
    const { least, most } = answerBytes(exchanges);
    expect(sizes.mean, `mean size, of which the body has ${least} bytes`).toBeGreaterThan(0.9 * least);
    expect(sizes.mean, `mean size, of which the client saw ${most} bytes`).toBeLessThan(1.1 * most);
  },
);
