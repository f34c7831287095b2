import { answered, resetByStrictMtls } from "../../lib/expectations.ts";
import { check } from "../../lib/test.ts";

check(
  {
    title:
      "Under STRICT a VMI outside the mesh is reset by the Service of a mesh VMI, and answered once STRICT is gone.",
    profile: "core",
    tags: ["strict", "vmi", "mtls"],
    source: "vmesh",
    rows: ["M3", "M14"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ unmeshed, apply, applyStep, vmi, expectExchange, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [outsider] = await Promise.all([vmi("outsider-vmi", { namespace: outside }), vmi("istio-vmi")]);
    const toVmi = { url: `http://istio-vmi.${namespace}:8080` };

    await expectExchange(outsider, toVmi, answered({ plaintext: true }));
    const relax = await applyStep("strict");
    await expectExchange(outsider, toVmi, resetByStrictMtls(), { times: 3 });
    await relax();
    await expectExchange(outsider, toVmi, answered({ plaintext: true }));
  },
);
