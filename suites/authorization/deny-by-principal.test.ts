import { answered, forbidden } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A VMI that denies another VMI's identity answers 403 to it, and serves a pod with another ServiceAccount.",
    profile: "core",
    tags: ["authorization", "vmi", "mtls"],
    source: "vmesh",
    rows: ["M12"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, applyStep, pod, vmi, expectExchange, namespace }) => {
    await apply();
    const [client, neighbour] = await Promise.all([vmi("client-vmi"), pod("neighbour"), vmi("istio-vmi")]);
    if (!client.identity || !neighbour.identity) return expect.unreachable("a mesh client has no proxy");
    const toVmi = { url: `http://istio-vmi.${namespace}:8080` };
    const asVmi = answered({ identity: client.identity, viaEnvoy: true });
    const asNeighbour = answered({ identity: neighbour.identity, viaEnvoy: true });

    await expectExchange(client, toVmi, asVmi);
    const withdraw = await applyStep("deny");
    await expectExchange(client, toVmi, forbidden(), { times: 3 });
    await expectExchange(neighbour, toVmi, asNeighbour, { times: 3 });
    await withdraw();
    await expectExchange(client, toVmi, asVmi);
  },
);
