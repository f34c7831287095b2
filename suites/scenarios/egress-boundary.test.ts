import { answered, answeredByIstiod, proxyRefusedByNetworkPolicy } from "../../lib/expectations.ts";
import { check, expect, istiodOf, mesh } from "../../lib/test.ts";

check(
  {
    title: "The source's egress policy cuts a namespace off from the VM, and from every address that is no pod's.",
    profile: "core",
    tags: ["vm", "network-policy"],
    source: "istio-vms-k3s-multipass",
    rows: ["N2", "N3", "N4"],
    needs: ["external-vm", "network-policy", "external-host"],
  },
  async ({ apply, applyStep, pod, externalVm, environment, expectExchange, namespace }) => {
    await apply({ "vm.namespace": mesh.vm.namespace });
    const [client] = await Promise.all([pod("client"), pod("server"), externalVm()]);
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
    await expectExchange(client, toPod, byThePod);
    await expectExchange(client, elsewhere, byTheOther);

    // It selects namespaces by the label `namespace`, which none has: so all pods are allowed, and nothing else is.
    const withdrawn = await applyStep("deny-egress-tovm");
    await expectExchange(client, toVm, proxyRefusedByNetworkPolicy(), { times: 2 });
    await expectExchange(client, elsewhere, proxyRefusedByNetworkPolicy());
    // Pods, names and the control plane are reached all the same.
    await expectExchange(client, toIstiod, answeredByIstiod());
    await expectExchange(client, toPod, byThePod);

    await withdrawn();
    await expectExchange(client, toVm, byTheVm);
    await expectExchange(client, elsewhere, byTheOther);
  },
);
