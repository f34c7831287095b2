import { answered, proxyRefusedByNetworkPolicy } from "../../lib/expectations.ts";
import { check, expect, mesh } from "../../lib/test.ts";

check(
  {
    title: "An egress policy by address cuts a namespace off from the VM alone.",
    profile: "core",
    tags: ["vm", "network-policy"],
    source: "vmesh",
    rows: ["N5"],
    needs: ["external-vm", "network-policy", "external-host"],
  },
  async ({ apply, applyStep, pod, externalVm, environment, expectExchange, expectSynced, namespace }) => {
    const vm = await externalVm();
    await apply({ "vm.address": await vm.address() });
    const [client] = await Promise.all([pod("client"), pod("server")]);
    if (!client.identity) return expect.unreachable("the client has no proxy");
    const toVm = { url: mesh.vm.url };
    const toPod = { url: `http://server.${namespace}:8080` };
    const elsewhere = { url: `http://${environment.endpoints.external}:8080` };
    const byTheVm = answered({ identity: client.identity, viaEnvoy: true, by: mesh.vm.workload });
    const byThePod = answered({ identity: client.identity, viaEnvoy: true, by: "server" });
    const byTheOther = answered({ plaintext: true, by: "external" });
    await expectExchange(client, toVm, byTheVm);

    const withdrawn = await applyStep("deny-egress-to-address");
    await expectExchange(client, toVm, proxyRefusedByNetworkPolicy(), { times: 2 });
    await expectExchange(client, elsewhere, byTheOther);
    await expectExchange(client, toPod, byThePod);
    await expectSynced(client);

    await withdrawn();
    await expectExchange(client, toVm, byTheVm);
  },
);
