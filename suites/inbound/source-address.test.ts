import { answered, echoOf } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "To a guest every client of its proxy has its bridge's address; only past the proxy does it see the client's.",
    profile: "extended",
    tags: ["inbound", "vmi", "source-address"],
    source: "vmesh",
    rows: ["T9"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ unmeshed, apply, pod, vmi, expectExchange, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [client, outsider, server] = await Promise.all([
      pod("client"),
      pod("outsider", { namespace: outside }),
      vmi("istio-vmi"),
    ]);
    if (!client.identity) return expect.unreachable("the client has no proxy");
    const past = { url: `http://${await server.address()}:22` };
    const through = { url: `http://istio-vmi.${namespace}:8080` };
    const seenBy = ([exchange]: Awaited<ReturnType<typeof expectExchange>>) => exchange && echoOf(exchange)?.remote;

    // A pod would see 127.0.0.6, from where Envoy calls; KubeVirt makes the gateway of its masquerade network of that.
    const bridge = /^10\.0\.2\.1:\d+$/;
    const known = await expectExchange(client, through, answered({ identity: client.identity, viaEnvoy: true }));
    expect(seenBy(known), "the client in the mesh, as the guest sees it").toMatch(bridge);
    const unknown = await expectExchange(outsider, through, answered({ plaintext: true, viaEnvoy: true }));
    expect(seenBy(unknown), "the client outside the mesh, as the guest sees it").toMatch(bridge);

    // KubeVirt leads SSH's port past the proxy into the guest, where a web server listens this time.
    for (const from of [client, outsider]) {
      const direct = await expectExchange(from, past, answered({ plaintext: true, by: "istio-vmi" }));
      expect(seenBy(direct), `${from.name} past the proxy`).toMatch(new RegExp(`^${await from.address()}:`));
    }
  },
);
