import { answered, refusedByNetworkPolicy } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A policy for its own namespace lets mesh pods reach VMIs with and without a proxy, and refuses outsiders.",
    profile: "extended",
    tags: ["network-policy", "vmi", "mtls"],
    source: "vmesh",
    rows: ["N6", "N7"],
    needs: ["kubevirt", "istio", "istio-cni", "network-policy"],
  },
  async ({ unmeshed, apply, applyStep, pod, vmi, expectExchange, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [client, outsider] = await Promise.all([
      pod("client"),
      pod("outsider", { namespace: outside }),
      vmi("istio-vmi"),
      vmi("plain-vmi"),
    ]);
    if (!client.identity) return expect.unreachable("the client pod has no proxy");
    const toMesh = { url: `http://istio-vmi.${namespace}:8080` };
    const toPlain = { url: `http://plain-vmi.${namespace}:8080` };
    const asClient = answered({ identity: client.identity, viaEnvoy: true });
    const plaintext = answered({ plaintext: true });
    const bothReach = async () => {
      await expectExchange(client, toMesh, asClient);
      await expectExchange(client, toPlain, plaintext);
      await expectExchange(outsider, toMesh, plaintext);
      await expectExchange(outsider, toPlain, plaintext);
    };

    await bothReach();
    const lift = await applyStep("policy");
    await expectExchange(outsider, toMesh, refusedByNetworkPolicy(), { times: 3 });
    await expectExchange(outsider, toPlain, refusedByNetworkPolicy(), { times: 3 });
    await expectExchange(client, toMesh, asClient, { times: 3 });
    await expectExchange(client, toPlain, plaintext, { times: 3 });
    await lift();
    await bothReach();
  },
);
