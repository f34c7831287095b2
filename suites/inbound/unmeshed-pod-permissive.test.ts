import { answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "Under PERMISSIVE a pod outside the mesh reaches a VMI through its Service in plaintext, yet through Envoy.",
    profile: "core",
    tags: ["inbound", "vmi", "permissive"],
    source: "vmesh",
    rows: ["T8"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ unmeshed, apply, pod, vmi, proxy, expectExchange, expectEvery, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [outsider, server] = await Promise.all([pod("outsider", { namespace: outside }), vmi("istio-vmi")]);
    expect(outsider.identity, "the client has no proxy").toBeUndefined();
    const request = { url: `http://istio-vmi.${namespace}.svc.cluster.local:8080`, count: 5, intervalMs: 100 };
    const plain = answered({ plaintext: true, viaEnvoy: true, by: "istio-vmi" });

    await expectExchange(outsider, request, plain);
    const risen = await (
      await proxy(server)
    ).requestsDuring(["inbound|8080||"], () => expectEvery(outsider, request, plain));
    expect(risen, "requests that the VMI's proxy passed on").toEqual({ "inbound|8080||": 5 });
  },
);
