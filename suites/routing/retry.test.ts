import { answered, notListening } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "A VirtualService's retries get all of a VMI's requests answered though half of the Service's endpoints fail.",
    profile: "extended",
    tags: ["routing", "vmi"],
    source: "vmesh",
    rows: ["C11"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, applyStep, pod, vmi, expectExchange, namespace }) => {
    await apply();
    const [client] = await Promise.all([vmi("client-vmi"), pod("server-v1"), pod("server-v2")]);
    if (!client.identity) return expect.unreachable("the client VMI has no proxy");
    const request = { url: `http://server.${namespace}:8080` };
    const asVmi = answered({ identity: client.identity, viaEnvoy: true, by: "server-v1" });

    // Without retries both ends are seen sooner or later, as the client's proxy chooses among the two pods.
    await applyStep("never");
    await expectExchange(client, request, asVmi);
    await expectExchange(client, request, notListening());
    await applyStep("three-times");
    // A retry avoids the endpoint that has just failed. By chance alone 30 in a row go to the pod that answers less than
    // once in a billion times.
    await expectExchange(client, { ...request, count: 10, intervalMs: 10 }, asVmi, { times: 3 });
  },
);
