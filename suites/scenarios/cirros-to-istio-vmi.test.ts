import { answered, paceOf } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

const REQUESTS = 30;

check(
  {
    title: "30 of 30 requests of one VMI to another's Service are answered over mutual TLS, about one a second.",
    profile: "core",
    tags: ["vmi-to-vmi", "vmi", "mtls"],
    source: "kubevirt-blog",
    rows: ["C1"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, vmi, proxy, expectExchange, expectEvery, property, namespace }) => {
    await apply();
    const [cirros, istioVmi] = await Promise.all([vmi("cirros-vmi"), vmi("istio-vmi")]);
    const identity = cirros.identity;
    if (!identity) return expect.unreachable("cirros-vmi has no proxy");

    const host = `istio-vmi-svc.${namespace}.svc.cluster.local`;
    const url = `http://${host}:8080`;
    const clientProxy = await proxy(cirros);
    const serverProxy = await proxy(istioVmi);
    const counted = async () => ({
      client: await clientProxy.clusterCounter(`outbound|8080||${host}`, "upstream_rq_total"),
      server: await serverProxy.clusterCounter("inbound|8080||", "upstream_rq_total"),
    });
    const overMutualTls = answered({ identity, viaEnvoy: true });
    await expectExchange(cirros, { url }, overMutualTls);
    const before = await counted();
    const { perSecond, pause } = paceOf(await expectEvery(cirros, { url, count: REQUESTS }, overMutualTls));
    const after = await counted();
    property("requests_per_second", perSecond.toFixed(2));
    // The guest sleeps for a second; under emulation the start of a request takes up to another one.
    expect(pause, "seconds between two requests").toBeGreaterThan(0.9);
    expect(pause, "seconds between two requests").toBeLessThan(2);
    expect(after.client - before.client, "requests counted by the client's proxy").toBeGreaterThanOrEqual(REQUESTS);
    expect(after.server - before.server, "requests counted by the server's proxy").toBeGreaterThanOrEqual(REQUESTS);
    expect(await cirros.console(), "the serial console shows the answers").toContain("Hello from istio-vmi");
  },
);
