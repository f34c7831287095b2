import { answered, resetByStrictMtls } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "Under mesh-wide STRICT mesh pods and VMIs reach each other, and a pod and a VMI outside the mesh are reset.",
    profile: "core",
    tags: ["strict", "vmi", "mtls"],
    source: "istio-vms-k3s-multipass",
    rows: ["M1", "M3", "M4", "M5", "M14"],
    needs: ["kubevirt", "istio", "istio-cni"],
    serial: true,
  },
  async ({ unmeshed, apply, applyStep, pod, vmi, expectExchange, namespace }) => {
    const outside = { namespace: await unmeshed() };
    await apply();
    const [meshPod, client, outsider, outsiderVmi] = await Promise.all([
      pod("mesh-pod"),
      vmi("client-vmi"),
      pod("outsider", outside),
      vmi("outsider-vmi", outside),
      vmi("istio-vmi"),
    ]);
    if (!meshPod.identity || !client.identity) return expect.unreachable("a mesh client has no proxy");
    const toVmi = { url: `http://istio-vmi.${namespace}.svc.cluster.local:8080` };
    const toPod = { url: `http://mesh-pod.${namespace}.svc.cluster.local:8080` };
    const insiders = [
      { from: meshPod, request: toVmi, outcome: answered({ identity: meshPod.identity, viaEnvoy: true }) },
      { from: client, request: toPod, outcome: answered({ identity: client.identity, viaEnvoy: true }) },
      { from: client, request: toVmi, outcome: answered({ identity: client.identity, viaEnvoy: true }) },
    ];

    for (const { from, request, outcome } of insiders) await expectExchange(from, request, outcome);
    for (const from of [outsider, outsiderVmi]) await expectExchange(from, toVmi, answered({ plaintext: true }));

    const relax = await applyStep("strict");
    for (const from of [outsider, outsiderVmi]) await expectExchange(from, toVmi, resetByStrictMtls(), { times: 3 });
    for (const { from, request, outcome } of insiders) await expectExchange(from, { ...request, count: 5 }, outcome);

    await relax();
    for (const from of [outsider, outsiderVmi]) await expectExchange(from, toVmi, answered({ plaintext: true }));
  },
);
