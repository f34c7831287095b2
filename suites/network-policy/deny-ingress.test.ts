import { answered, proxyRefusedByNetworkPolicy } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A policy that denies ingress to a VMI in the mesh earns its mesh clients 503, until it is deleted.",
    profile: "extended",
    tags: ["network-policy", "vmi", "mtls"],
    source: "vmesh",
    rows: ["N6", "N7"],
    needs: ["kubevirt", "istio", "istio-cni", "network-policy"],
  },
  async ({ apply, applyStep, pod, vmi, expectExchange, namespace }) => {
    await apply();
    const [client] = await Promise.all([pod("client"), vmi("istio-vmi")]);
    if (!client.identity) return expect.unreachable("the client pod has no proxy");
    const toVmi = { url: `http://istio-vmi.${namespace}:8080` };
    const asClient = answered({ identity: client.identity, viaEnvoy: true });

    await expectExchange(client, toVmi, asClient);
    const lift = await applyStep("deny");
    await expectExchange(client, toVmi, proxyRefusedByNetworkPolicy(), { times: 3 });
    await lift();
    await expectExchange(client, toVmi, asClient);
  },
);
