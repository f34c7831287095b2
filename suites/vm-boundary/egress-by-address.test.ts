import { answered, answeredByIstiod, proxyRefusedByNetworkPolicy } from "../../lib/expectations.ts";
import { check, expect, istiodOf, mesh } from "../../lib/test.ts";

check(
  {
    title: "An egress policy by address cuts a namespace off from the VM alone.",
    profile: "core",
    tags: ["vm", "network-policy"],
    source: "vmesh",
    rows: ["N5"],
    needs: ["external-vm", "network-policy", "external-host"],
  },
  async ({ apply, applyStep, pod, externalVm, environment, expectExchange, namespace }) => {
    const vm = await externalVm();
    await apply({ "vm.address": await vm.address() });
    const [client] = await Promise.all([pod("client"), pod("server")]);
    if (!client.identity) return expect.unreachable("the client has no proxy");
    const toVm = { url: mesh.vm.url };
    // A connection of its own, as the proxy's to istiod is there already.
    const toIstiod = { url: `http://${istiodOf(environment)}.istio-system:15014/version` };
    const toPod = { url: `http://server.${namespace}:8080` };
    const elsewhere = { url: `http://${environment.endpoints.external}:8080` };
    const byTheVm = answered({ identity: client.identity, viaEnvoy: true, by: mesh.vm.workload });
    const byThePod = answered({ identity: client.identity, viaEnvoy: true, by: "server" });
    const byTheOther = answered({ plaintext: true, by: "external" });
    await expectExchange(client, toVm, byTheVm);
    await expectExchange(client, toIstiod, answeredByIstiod());

    const withdrawn = await applyStep("deny-egress-to-address");
    await expectExchange(client, toVm, proxyRefusedByNetworkPolicy(), { times: 2 });
    await expectExchange(client, toIstiod, answeredByIstiod());
    await expectExchange(client, elsewhere, byTheOther);
    await expectExchange(client, toPod, byThePod);

    await withdrawn();
    await expectExchange(client, toVm, byTheVm);
  },
);
