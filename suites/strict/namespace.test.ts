import { answered, resetByStrictMtls } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "Under a namespace's STRICT, pod → VMI, VMI → pod and VMI → VMI work with identity; plaintext is reset.",
    profile: "core",
    tags: ["strict", "vmi", "mtls"],
    source: "kubevirt-blog",
    rows: ["M4", "M5", "M14"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ unmeshed, apply, applyStep, pod, vmi, expectExchange, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [meshPod, client, outsider] = await Promise.all([
      pod("mesh-pod"),
      vmi("client-vmi"),
      pod("outsider", { namespace: outside }),
      vmi("istio-vmi"),
    ]);
    const toVmi = { url: `http://istio-vmi.${namespace}:8080` };
    const toPod = { url: `http://mesh-pod.${namespace}:8080` };
    if (!meshPod.identity || !client.identity) return expect.unreachable("a mesh client has no proxy");
    const asPod = answered({ identity: meshPod.identity, viaEnvoy: true });
    const asVmi = answered({ identity: client.identity, viaEnvoy: true });

    await expectExchange(outsider, toVmi, answered({ plaintext: true }));
    const relax = await applyStep("strict");
    await expectExchange(outsider, toVmi, resetByStrictMtls(), { times: 3 });
    await expectExchange(meshPod, toVmi, asPod);
    await expectExchange(client, toPod, asVmi);
    await expectExchange(client, toVmi, asVmi);
    await relax();
    await expectExchange(outsider, toVmi, answered({ plaintext: true }));
  },
);
