import { answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "Kiali's graph has cirros-vmi → istio-vmi-svc → istio-vmi, and istio-vmi → PassthroughCluster.",
    profile: "extended",
    tags: ["observability", "vmi-to-vmi", "vmi"],
    source: "kubevirt-blog",
    rows: ["O2"],
    needs: ["kubevirt", "istio", "istio-cni", "kiali", "istio-metrics", "external-host"],
  },
  async ({ environment, apply, vmi, expectCalls, expectEvery, expectExchange, namespace }) => {
    await apply();
    const [cirros, istioVmi] = await Promise.all([vmi("cirros-vmi"), vmi("istio-vmi")]);
    if (!cirros.identity) return expect.unreachable("cirros-vmi has no proxy");
    const outside = { url: `http://${environment.endpoints.external}:8080` };
    const past = answered({ plaintext: true, viaEnvoy: true });
    await expectExchange(istioVmi, outside, past);

    const url = `http://istio-vmi-svc.${namespace}.svc.cluster.local:8080`;
    const overMutualTls = answered({ identity: cirros.identity, viaEnvoy: true });
    const wanted = ["cirros-vmi → istio-vmi-svc", "istio-vmi-svc → istio-vmi", "istio-vmi → PassthroughCluster"];
    const seen = await expectCalls(wanted, async () => {
      await expectEvery(cirros, { url, count: 5 }, overMutualTls);
      await expectEvery(istioVmi, { ...outside, count: 5 }, past);
    });
    expect(seen, "calls in Kiali's graph").not.toContain("cirros-vmi → PassthroughCluster");
  },
);
