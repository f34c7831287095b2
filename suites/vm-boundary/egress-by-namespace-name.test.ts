import { answered, answeredByIstiod, proxyRefusedByNetworkPolicy } from "../../lib/expectations.ts";
import { check, expect, istiodOf, mesh } from "../../lib/test.ts";

check(
  {
    title:
      "An egress policy by the name of the VM's namespace cuts off from its pods, and from a VM that no rule names.",
    profile: "extended",
    tags: ["vm", "network-policy"],
    source: "vmesh",
    rows: ["N5"],
    needs: ["external-vm", "network-policy", "external-host"],
  },
  async ({ apply, applyStep, pod, externalVm, environment, expectExchange, namespace }) => {
    const { external = "" } = environment.endpoints;
    await apply({ "vm.namespace": mesh.vm.namespace, "external.address": external });
    const [client, , neighbour] = await Promise.all([
      pod("client"),
      pod("server"),
      pod("neighbour", { namespace: mesh.vm.namespace }),
      externalVm(),
    ]);
    if (!client.identity) return expect.unreachable("the client has no proxy");
    const toVm = { url: mesh.vm.url };
    const toNeighbour = { url: `http://${await neighbour.address()}:8080` };
    // A connection of its own, as the proxy's to istiod is there already.
    const toIstiod = { url: `http://${istiodOf(environment)}.istio-system:15014/version` };
    const toPod = { url: `http://server.${namespace}:8080` };
    const elsewhere = { url: `http://${external}:8080` };
    const byTheVm = answered({ identity: client.identity, viaEnvoy: true, by: mesh.vm.workload });
    const byTheNeighbour = answered({ plaintext: true, by: "neighbour" });
    const byThePod = answered({ identity: client.identity, viaEnvoy: true, by: "server" });
    await expectExchange(client, toVm, byTheVm);
    await expectExchange(client, toIstiod, answeredByIstiod());
    await expectExchange(client, toNeighbour, byTheNeighbour);

    const withdrawn = await applyStep("deny-egress-to-namespace");
    await expectExchange(client, toVm, proxyRefusedByNetworkPolicy(), { times: 2 });
    await expectExchange(client, toIstiod, answeredByIstiod());
    await expectExchange(client, toNeighbour, proxyRefusedByNetworkPolicy());
    await expectExchange(client, toPod, byThePod);
    await expectExchange(client, elsewhere, answered({ plaintext: true, by: "external" }));

    await withdrawn();
    await expectExchange(client, toVm, byTheVm);
    await expectExchange(client, toNeighbour, byTheNeighbour);
  },
);
