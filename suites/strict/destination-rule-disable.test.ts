import { answered, cutOffByStrictMtls } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A DestinationRule that disables TLS towards a STRICT VMI earns its clients 503 until it is deleted.",
    profile: "core",
    tags: ["strict", "vmi", "mtls"],
    source: "vmesh",
    rows: ["M9"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, applyStep, pod, vmi, expectExchange, namespace }) => {
    await apply();
    const [client] = await Promise.all([pod("client"), vmi("istio-vmi")]);
    if (!client.identity) return expect.unreachable("the client pod has no proxy");
    const toVmi = { url: `http://istio-vmi.${namespace}:8080` };
    const asClient = answered({ identity: client.identity, viaEnvoy: true });

    await expectExchange(client, toVmi, asClient);
    const remove = await applyStep("plaintext");
    // The server's proxy ends the connection before any answer; the client's proxy makes a 503 of it.
    await expectExchange(client, toVmi, cutOffByStrictMtls(), { times: 3 });
    await remove();
    await expectExchange(client, toVmi, asClient, { times: 3 });
  },
);
