import { answered, resetByStrictMtls } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "DISABLE for one VMI makes mesh clients speak plaintext to it and lets others in, under the namespace's STRICT.",
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
    const toVmi = { url: `http://istio-vmi.${namespace}:8080` };
    const asClient = answered({ identity: client.identity, viaEnvoy: true });

    await expectExchange(outsider, toVmi, answered({ plaintext: true }));
    const relax = await applyStep("strict");
    await expectExchange(outsider, toVmi, resetByStrictMtls(), { times: 3 });
    await expectExchange(client, toVmi, asClient);

    // istiod tells the client's proxy that this VMI speaks plaintext: no rule for the client is needed.
    const withdraw = await applyStep("disable");
    await expectExchange(client, toVmi, answered({ plaintext: true, viaEnvoy: true }), { times: 3 });
    await expectExchange(outsider, toVmi, answered({ plaintext: true }));

    await withdraw();
    await expectExchange(outsider, toVmi, resetByStrictMtls(), { times: 3 });
    await expectExchange(client, toVmi, asClient);
    await relax();
    await expectExchange(outsider, toVmi, answered({ plaintext: true }));
  },
);
