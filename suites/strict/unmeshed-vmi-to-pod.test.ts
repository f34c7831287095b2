import { answered, resetByStrictMtls } from "../../lib/expectations.ts";
import { check } from "../../lib/test.ts";

check(
  {
    title:
      "Under STRICT a VMI outside the mesh is reset by the Service of a mesh pod, and answered once STRICT is gone.",
    profile: "core",
    tags: ["strict", "vmi", "mtls"],
    source: "vmesh",
    rows: ["M2", "M14"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ unmeshed, apply, applyStep, pod, vmi, expectExchange, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [outsider] = await Promise.all([vmi("outsider-vmi", { namespace: outside }), pod("mesh-pod")]);
    const toPod = { url: `http://mesh-pod.${namespace}:8080` };

    await expectExchange(outsider, toPod, answered({ plaintext: true }));
    const relax = await applyStep("strict");
    await expectExchange(outsider, toPod, resetByStrictMtls(), { times: 3 });
    await relax();
    await expectExchange(outsider, toPod, answered({ plaintext: true }));
  },
);
