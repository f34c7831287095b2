import {
  answered,
  proxyRefusedByNetworkPolicy,
  refusedByNetworkPolicy,
  resetByStrictMtls,
} from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "Under STRICT and a policy that denies ingress, what a client of a VMI sees tells which of the two refused it.",
    profile: "extended",
    tags: ["network-policy", "strict", "vmi", "mtls"],
    source: "vmesh",
    rows: ["N9"],
    needs: ["kubevirt", "istio", "istio-cni", "network-policy"],
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

    // The policy stands before the proxy: plaintext does not get as far as STRICT, and mutual TLS is no help.
    const lift = await applyStep("deny");
    await expectExchange(outsider, toVmi, refusedByNetworkPolicy(), { times: 3 });
    await expectExchange(client, toVmi, proxyRefusedByNetworkPolicy(), { times: 3 });

    await lift();
    await expectExchange(outsider, toVmi, resetByStrictMtls(), { times: 3 });
    await expectExchange(client, toVmi, asClient);
    await relax();
    await expectExchange(outsider, toVmi, answered({ plaintext: true }));
  },
);
