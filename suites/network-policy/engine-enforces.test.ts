import { answered, refusedByNetworkPolicy } from "../../lib/expectations.ts";
import { check } from "../../lib/test.ts";

check(
  {
    title: "The engine enforces policies: one that denies ingress cuts off the pod it selects, until it is deleted.",
    profile: "extended",
    tags: ["network-policy"],
    source: "vmesh",
    rows: ["P10"],
    needs: ["network-policy"],
    injection: false,
  },
  async ({ apply, applyStep, pod, expectExchange }) => {
    await apply();
    const [client, server] = await Promise.all([pod("client"), pod("server")]);
    const toServer = { url: `http://${await server.address()}:8080` };
    const toClient = { url: `http://${await client.address()}:8080` };
    const plaintext = answered({ plaintext: true });

    await expectExchange(client, toServer, plaintext);
    const lift = await applyStep("deny");
    await expectExchange(client, toServer, refusedByNetworkPolicy(), { times: 3 });
    // The network is there: the policy is about the other pod, and about what comes in.
    await expectExchange(server, toClient, plaintext);
    await lift();
    await expectExchange(client, toServer, plaintext);
  },
);
