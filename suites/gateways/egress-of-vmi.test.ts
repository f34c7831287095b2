import { answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "A VMI's requests to a host outside the cluster leave through the egress gateway, to which it proves who it is.",
    profile: "extended",
    tags: ["gateway", "vmi", "outbound", "mtls"],
    source: "vmesh",
    rows: ["C10"],
    needs: ["kubevirt", "istio", "istio-cni", "egress-gateway", "external-host"],
  },
  async ({ environment, apply, applyStep, gateway, vmi, proxy, expectExchange, expectEvery, namespace }) => {
    await apply();
    const [client, egress] = await Promise.all([vmi("client-vmi"), gateway("egress")]);
    if (!client.identity) return expect.unreachable("the VMI has no proxy");
    const host = `${namespace}.vmesh.test`;
    const request = { url: `http://${environment.endpoints.external}:8080`, headers: { host } };
    const directly = answered({ plaintext: true, viaEnvoy: true, by: "external" });
    // The gateway passes on whose certificate it verified; from there on it is plaintext.
    const throughGateway = answered({ identity: client.identity, viaEnvoy: true, by: "external" });

    await expectExchange(client, request, directly);
    const withdraw = await applyStep("through-gateway");
    await expectExchange(client, request, throughGateway);
    const outbound = `outbound|8080||${host}`;
    const counted = await (
      await proxy(egress)
    ).requestsDuring([outbound], () => expectEvery(client, { ...request, count: 5, intervalMs: 100 }, throughGateway));
    expect(counted[outbound], "requests that the egress gateway sent out").toBe(5);
    await withdraw();
    await expectExchange(client, request, directly);
  },
);
