import { abortedByFault, answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A fault for one VMI's requests aborts all of them with its status, and leaves another client's alone.",
    profile: "extended",
    tags: ["routing", "vmi"],
    source: "vmesh",
    rows: ["C11"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, applyStep, pod, vmi, expectExchange, expectEvery, namespace }) => {
    await apply();
    const [client, other] = await Promise.all([vmi("client-vmi"), pod("client"), pod("server")]);
    if (!client.identity || !other.identity) return expect.unreachable("a mesh client has no proxy");
    const request = { url: `http://server.${namespace}:8080` };
    const asVmi = answered({ identity: client.identity, viaEnvoy: true });
    const asOther = answered({ identity: other.identity, viaEnvoy: true });

    await expectExchange(client, request, asVmi);
    const mend = await applyStep("fault");
    await expectExchange(client, request, abortedByFault(418), { times: 3 });
    await expectEvery(client, { ...request, count: 10, intervalMs: 10 }, abortedByFault(418));
    await expectEvery(other, { ...request, count: 10, intervalMs: 10 }, asOther);
    await mend();
    await expectExchange(client, request, asVmi, { times: 3 });
  },
);
