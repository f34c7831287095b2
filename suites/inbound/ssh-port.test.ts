import { answered, greeted } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "SSH's port leads into a VMI past its proxy, be it listed among the VMI's ports or are none listed.",
    profile: "core",
    tags: ["inbound", "vmi", "ssh"],
    source: "kubevirt-tests",
    rows: ["T12"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ unmeshed, apply, pod, vmi, proxy, expectExchange, expectEvery }) => {
    const outside = await unmeshed();
    await apply();
    const [client, outsider, ...servers] = await Promise.all([
      pod("client"),
      pod("outsider", { namespace: outside }),
      vmi("with-ports"),
      vmi("without-ports"),
    ]);

    for (const server of servers) {
      const address = await server.address();
      const ssh = { url: `tcp://${address}:22` };
      const web = { url: `http://${address}:8080` };
      const plain = answered({ plaintext: true, viaEnvoy: true });
      const envoy = await proxy(server);
      for (const from of [client, outsider]) {
        await expectExchange(from, ssh, greeted(server.name));
        await expectExchange(from, web, plain);

        // No Service declares either port, so that both would pass through this cluster.
        const bySsh = await envoy.requestsDuring(["PassthroughCluster"], () =>
          expectEvery(from, ssh, greeted(server.name)),
        );
        expect(bySsh, `${from.name} → ${server.name}, SSH's port, seen by the proxy`).toEqual({
          PassthroughCluster: 0,
        });
        const byWeb = await envoy.requestsDuring(["PassthroughCluster"], () => expectEvery(from, web, plain));
        expect(byWeb, `${from.name} → ${server.name}, another port, seen by the proxy`).toEqual({
          PassthroughCluster: 1,
        });
      }
    }
  },
);
