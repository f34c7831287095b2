import { answered, resetByStrictMtls } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A port of a STRICT VMI can be PERMISSIVE or DISABLE by itself, and its other port stays STRICT.",
    profile: "core",
    tags: ["strict", "vmi", "mtls"],
    source: "vmesh",
    rows: ["M8"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ unmeshed, apply, applyStep, pod, vmi, expectExchange, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [client, outsider] = await Promise.all([
      pod("client"),
      pod("outsider", { namespace: outside }),
      vmi("istio-vmi"),
    ]);
    if (!client.identity) return expect.unreachable("the client pod has no proxy");
    const other = { url: `http://istio-vmi.${namespace}:8080` };
    const own = { url: `http://istio-vmi.${namespace}:8081` };
    const asClient = answered({ identity: client.identity, viaEnvoy: true });
    const plaintext = answered({ plaintext: true });

    await expectExchange(outsider, own, plaintext);
    const relax = await applyStep("strict");
    await expectExchange(outsider, own, resetByStrictMtls(), { times: 3 });

    await applyStep("permissive");
    await expectExchange(outsider, own, plaintext, { times: 3 });
    await expectExchange(client, own, asClient);
    await expectExchange(outsider, other, resetByStrictMtls(), { times: 3 });

    await applyStep("disable");
    await expectExchange(client, own, answered({ plaintext: true, viaEnvoy: true }), { times: 3 });
    await expectExchange(outsider, own, plaintext);
    await expectExchange(client, other, asClient);
    await expectExchange(outsider, other, resetByStrictMtls(), { times: 3 });

    await relax();
    await expectExchange(outsider, other, plaintext);
    await expectExchange(client, own, asClient);
  },
);
