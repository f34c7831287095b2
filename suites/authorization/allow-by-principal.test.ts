import { answered, forbidden } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A mesh pod that allows only a VMI's own ServiceAccount answers the VMI, and 403 to any other identity.",
    profile: "core",
    tags: ["authorization", "vmi", "mtls"],
    source: "vmesh",
    rows: ["M12"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, applyStep, pod, vmi, expectExchange, namespace }) => {
    await apply();
    const [client, stranger] = await Promise.all([vmi("client-vmi"), pod("stranger"), pod("server")]);
    if (!client.identity || !stranger.identity) return expect.unreachable("a mesh client has no proxy");
    expect(client.identity, "the VMI has the identity of its ServiceAccount").toMatch(/\/sa\/vm-client$/);
    const toServer = { url: `http://server.${namespace}:8080` };
    const asVmi = answered({ identity: client.identity, viaEnvoy: true });
    const asStranger = answered({ identity: stranger.identity, viaEnvoy: true });

    await expectExchange(stranger, toServer, asStranger);
    await expectExchange(client, toServer, asVmi);
    const withdraw = await applyStep("allow");
    await expectExchange(stranger, toServer, forbidden(), { times: 3 });
    await expectExchange(client, toServer, asVmi, { times: 3 });
    await withdraw();
    await expectExchange(stranger, toServer, asStranger);
  },
);
