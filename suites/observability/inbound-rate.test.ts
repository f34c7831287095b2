import { answered, paceOf } from "../../lib/expectations.ts";
import { answerBytes, check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "Prometheus sees about one request a second come in at a VMI whose client asks once a second, and its bytes.",
    profile: "extended",
    tags: ["observability", "vmi-to-vmi", "vmi"],
    source: "kubevirt-blog",
    rows: ["O4"],
    needs: ["kubevirt", "istio", "istio-cni", "prometheus"],
  },
  async ({ apply, vmi, expectScraped, inbound, metric, expectEvery, property, namespace }) => {
    await apply();
    const [cirros, istioVmi] = await Promise.all([vmi("cirros-vmi"), vmi("istio-vmi")]);
    if (!cirros.identity) return expect.unreachable("cirros-vmi has no proxy");
    const { intervalMs } = await expectScraped(istioVmi);
    // A rate takes two samples and is coarse with few.
    const window = Math.max(30, Math.ceil((4 * intervalMs) / 1000));

    const url = `http://istio-vmi-svc.${namespace}.svc.cluster.local:8080`;
    const overMutualTls = answered({ identity: cirros.identity, viaEnvoy: true });
    const exchanges = await expectEvery(cirros, { url, count: window }, overMutualTls);
    const { perSecond, pause } = paceOf(exchanges);

    const series = await inbound(istioVmi, 8080);
    const rate = await metric(`sum(rate(${series.requests}[${window}s]))`);
    const bytes = (await metric(`sum(rate(${series.answerBytes}[${window}s]))`)) / rate;
    property("requests_per_second", rate.toFixed(2));
    property("bytes_per_answer", bytes.toFixed(0));
    expect(rate / perSecond, "requests that come in for each that cirros-vmi sends").toBeGreaterThan(0.7);
    expect(rate / perSecond, "requests that come in for each that cirros-vmi sends").toBeLessThan(1.4);
    // The guest sleeps for a second; under emulation the start of a request takes up to another one.
    expect(pause, "seconds between two requests").toBeGreaterThan(0.9);
    expect(pause, "seconds between two requests").toBeLessThan(2);
    const { least, most } = answerBytes(exchanges);
    expect(bytes, `bytes of an answer, of which the body alone has ${least}`).toBeGreaterThanOrEqual(least);
    expect(bytes, `bytes of an answer, of which the client saw ${most}`).toBeLessThanOrEqual(most);
  },
);
