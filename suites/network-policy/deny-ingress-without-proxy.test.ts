import { answered, refusedByNetworkPolicy } from "../../lib/expectations.ts";
import { check } from "../../lib/test.ts";

check(
  {
    title: "A policy that denies ingress to a VMI outside the mesh has its clients refused, until it is deleted.",
    profile: "extended",
    tags: ["network-policy", "vmi"],
    source: "kubevirt-tests",
    rows: ["N6"],
    needs: ["kubevirt", "network-policy"],
    injection: false,
  },
  async ({ apply, applyStep, pod, vmi, expectExchange }) => {
    await apply();
    const [client, server] = await Promise.all([pod("client"), vmi("plain-vmi")]);
    // By its address: a Service that has lost its endpoints is refused in the same way.
    const toVmi = { url: `http://${await server.address()}:8080` };

    await expectExchange(client, toVmi, answered({ plaintext: true }));
    const lift = await applyStep("deny");
    await expectExchange(client, toVmi, refusedByNetworkPolicy(), { times: 3 });
    await lift();
    await expectExchange(client, toVmi, answered({ plaintext: true }));
  },
);
