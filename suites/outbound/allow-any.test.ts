import { answered, greeted } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A VMI reaches a host outside the cluster over HTTP and TCP, through PassthroughCluster under ALLOW_ANY.",
    profile: "core",
    tags: ["outbound", "vmi"],
    source: "kubevirt-blog",
    rows: ["C7"],
    needs: ["kubevirt", "istio", "istio-cni", "external-host"],
  },
  async ({ environment, apply, vmi, proxy, expectExchange, expectEvery }) => {
    await apply();
    const client = await vmi("client-vmi");
    const external = environment.endpoints.external;
    const passed = async () => (await proxy(client)).clusterCounter("PassthroughCluster", "upstream_rq_total");

    await expectExchange(client, { url: `http://${external}:8080` }, answered({ plaintext: true, viaEnvoy: true }));
    const before = await passed();
    const requests = { url: `http://${external}:8080`, count: 5, intervalMs: 100 };
    await expectEvery(client, requests, answered({ plaintext: true, viaEnvoy: true, by: "external" }));
    await expectEvery(client, { url: `tcp://${external}:7700`, count: 5, intervalMs: 100 }, greeted("external"));
    expect(await passed(), "requests through PassthroughCluster").toBeGreaterThanOrEqual(before + 10);
  },
);
