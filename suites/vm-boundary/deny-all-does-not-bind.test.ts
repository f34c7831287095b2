import { answered, proxyRefusedByNetworkPolicy } from "../../lib/expectations.ts";
import { check, expect, mesh } from "../../lib/test.ts";

check(
  {
    title: "A deny-all NetworkPolicy that selects a VM's labels does not bind the VM: it is no pod.",
    profile: "core",
    tags: ["vm", "network-policy"],
    source: "istio-vms-k3s-multipass",
    rows: ["N1"],
    needs: ["external-vm", "network-policy"],
  },
  async ({ apply, applyStep, pod, externalVm, expectExchange }) => {
    await apply({ "vm.namespace": mesh.vm.namespace, "vm.workload": mesh.vm.workload });
    const [client, twin] = await Promise.all([pod("client"), pod("twin"), externalVm()]);
    if (!client.identity) return expect.unreachable("the client has no proxy");
    const toVm = { url: mesh.vm.url };
    const toTwin = { url: `http://twin.${twin.namespace}:8080` };
    const byTheVm = answered({ identity: client.identity, viaEnvoy: true, by: mesh.vm.workload });
    const byTheTwin = answered({ identity: client.identity, viaEnvoy: true, by: "twin" });
    await expectExchange(client, toVm, byTheVm);
    await expectExchange(client, toTwin, byTheTwin);

    // The same policy in both namespaces: that it binds a pod with the same labels shows that the engine has it.
    const withdrawn = await applyStep("deny-all");
    await expectExchange(client, toTwin, proxyRefusedByNetworkPolicy());
    await expectExchange(client, { ...toVm, count: 5, intervalMs: 100 }, byTheVm, { times: 2 });
    await expectExchange(client, toTwin, proxyRefusedByNetworkPolicy());

    await withdrawn();
    await expectExchange(client, toTwin, byTheTwin);
  },
);
