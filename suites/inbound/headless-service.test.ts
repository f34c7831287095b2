import { answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "A VMI's own name under a headless Service leads to that VMI and no other member, with the client's identity.",
    profile: "core",
    tags: ["inbound", "vmi", "dns", "mtls"],
    source: "vmesh",
    rows: ["T14"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, pod, vmi, expectExchange, expectEvery, namespace }) => {
    await apply();
    const [client] = await Promise.all([pod("client"), vmi("member-vmi"), pod("member-pod")]);
    const { identity } = client;
    if (!identity) return expect.unreachable("the client has no proxy");

    for (const member of ["member-vmi", "member-pod"]) {
      const own = answered({ identity, viaEnvoy: true, by: member });
      for (const suffix of ["", `.${namespace}`, `.${namespace}.svc.cluster.local`]) {
        const url = `http://${member}.members${suffix}:8080`;
        await expectExchange(client, { url }, own);
        // The other member would have answered one of so many.
        await expectEvery(client, { url, count: 5, intervalMs: 100 }, own);
      }
    }
    await expectExchange(client, { url: `http://members.${namespace}:8080` }, answered({ identity, viaEnvoy: true }));
  },
);
