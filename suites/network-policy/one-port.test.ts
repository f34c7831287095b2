import { answered, proxyRefusedByNetworkPolicy } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A policy for one port and one client of a VMI in the mesh sees the guest's port and the client's pod.",
    profile: "extended",
    tags: ["network-policy", "vmi", "mtls", "ports"],
    source: "vmesh",
    rows: ["N6", "N7"],
    needs: ["kubevirt", "istio", "istio-cni", "network-policy"],
  },
  async ({ apply, applyStep, pod, vmi, expectExchange, namespace }) => {
    await apply();
    const [client, stranger] = await Promise.all([pod("client"), pod("stranger"), vmi("istio-vmi")]);
    if (!client.identity) return expect.unreachable("the client pod has no proxy");
    // The Service's ports are crossed.
    const toGuest8080 = { url: `http://istio-vmi.${namespace}:8081` };
    const toGuest8081 = { url: `http://istio-vmi.${namespace}:8080` };
    const asClient = answered({ identity: client.identity, viaEnvoy: true });

    await expectExchange(client, toGuest8080, asClient);
    await expectExchange(client, toGuest8081, asClient);
    await expectExchange(stranger, toGuest8080, asClient);
    const lift = await applyStep("policy");
    await expectExchange(client, toGuest8081, proxyRefusedByNetworkPolicy(), { times: 3 });
    await expectExchange(stranger, toGuest8080, proxyRefusedByNetworkPolicy(), { times: 3 });
    await expectExchange(client, toGuest8080, asClient, { times: 3 });
    await lift();
    await expectExchange(client, toGuest8081, asClient);
    await expectExchange(stranger, toGuest8080, asClient);
  },
);
