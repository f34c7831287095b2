import { answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A VMI reaches the Service of a mesh pod over mutual TLS with its own identity, without any policy.",
    profile: "core",
    tags: ["outbound", "vmi", "mtls"],
    source: "vmesh",
    rows: ["M5"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, pod, vmi, proxy, expectExchange, expectEvery, namespace }) => {
    await apply();
    const [client, server] = await Promise.all([vmi("client-vmi"), pod("server")]);
    if (!client.identity) return expect.unreachable("the client VMI has no proxy");
    const request = { url: `http://server.${namespace}:8080` };
    const asVmi = answered({ identity: client.identity, viaEnvoy: true });

    await expectExchange(client, request, asVmi);
    await expectEvery(client, { ...request, count: 10, intervalMs: 100 }, asVmi);
    const [sender, receiver] = await Promise.all([proxy(client), proxy(server)]);
    const cluster = `outbound|8080||server.${namespace}.svc.cluster.local`;
    expect(await sender.clusterCounter(cluster, "upstream_rq_total"), "sent by the VMI's proxy").toBeGreaterThan(10);
    const arrived = await receiver.clusterCounter("inbound|8080||", "upstream_rq_total");
    expect(arrived, "passed on by the pod's proxy").toBeGreaterThan(10);
  },
);
