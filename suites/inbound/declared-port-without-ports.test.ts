import { answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A declared port of a VMI without a list of ports reaches the guest through Envoy's cluster of its Service.",
    profile: "core",
    tags: ["inbound", "vmi", "ports"],
    source: "kubevirt-tests",
    rows: ["T3"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ unmeshed, apply, pod, vmi, proxy, expectExchange, expectEvery }) => {
    const outside = await unmeshed();
    await apply();
    const [client, outsider, server] = await Promise.all([
      pod("client"),
      pod("outsider", { namespace: outside }),
      vmi("istio-vmi"),
    ]);
    const address = await server.address();
    const request = { url: `http://${address}:8080`, count: 3, intervalMs: 100 };
    // An address is no Service: the client's proxy passes it on as it is, without mutual TLS even in the mesh.
    const plain = answered({ plaintext: true, viaEnvoy: true });

    for (const from of [client, outsider]) await expectExchange(from, request, plain);
    const risen = await (
      await proxy(server)
    ).requestsDuring(["inbound|8080||", "PassthroughCluster"], async () => {
      for (const from of [client, outsider]) await expectEvery(from, request, plain);
    });
    expect(risen["inbound|8080||"], "the VMI's proxy counts each request at its cluster").toBe(6);
    expect(risen["PassthroughCluster"], "and none at the other one").toBe(0);
  },
);
