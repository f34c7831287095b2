import { answered, resetByStrictMtls } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "PERMISSIVE for one VMI lets plaintext in to it alone; the rest of its namespace stays STRICT.",
    profile: "core",
    tags: ["strict", "vmi", "mtls"],
    source: "vmesh",
    rows: ["M8"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ unmeshed, apply, applyStep, pod, vmi, expectExchange, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [outsider, meshPod] = await Promise.all([
      pod("outsider", { namespace: outside }),
      pod("mesh-pod"),
      vmi("istio-vmi"),
    ]);
    if (!meshPod.identity) return expect.unreachable("the mesh pod has no proxy");
    const toVmi = { url: `http://istio-vmi.${namespace}:8080` };
    const toPod = { url: `http://mesh-pod.${namespace}:8080` };
    const plaintext = answered({ plaintext: true });

    await expectExchange(outsider, toVmi, plaintext);
    const relax = await applyStep("strict");
    await expectExchange(outsider, toVmi, resetByStrictMtls(), { times: 3 });

    const withdraw = await applyStep("permissive");
    await expectExchange(outsider, toVmi, plaintext, { times: 3 });
    await expectExchange(outsider, toPod, resetByStrictMtls(), { times: 3 });
    // Who can speak mutual TLS still does.
    await expectExchange(meshPod, toVmi, answered({ identity: meshPod.identity, viaEnvoy: true }));

    await withdraw();
    await expectExchange(outsider, toVmi, resetByStrictMtls(), { times: 3 });
    await relax();
    await expectExchange(outsider, toVmi, plaintext);
    await expectExchange(outsider, toPod, plaintext);
  },
);
