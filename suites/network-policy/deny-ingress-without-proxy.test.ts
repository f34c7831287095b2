import { answered, refusedByNetworkPolicy } from "../../lib/expectations.ts";
import { check } from "../../lib/test.ts";

check(
  {
    title: "Policies that deny a VMI outside the mesh all ingress, or all but one port, have its clients refused.",
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
    const at = await server.address();
    const [toVmi, toSecondPort] = [{ url: `http://${at}:8080` }, { url: `http://${at}:8081` }];
    const bothAnswer = async () => {
      await expectExchange(client, toVmi, answered({ plaintext: true }));
      await expectExchange(client, toSecondPort, answered({ plaintext: true }));
    };

    await bothAnswer();
    const letIn = await applyStep("deny");
    await expectExchange(client, toVmi, refusedByNetworkPolicy(), { times: 3 });
    await letIn();
    await bothAnswer();
    const lift = await applyStep("one-port");
    await expectExchange(client, toSecondPort, refusedByNetworkPolicy(), { times: 3 });
    await expectExchange(client, toVmi, answered({ plaintext: true }), { times: 3 });
    await lift();
    await bothAnswer();
  },
);
