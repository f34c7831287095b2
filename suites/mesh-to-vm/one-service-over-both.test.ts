import { answered, answersByServer } from "../../lib/expectations.ts";
import { check, expect, mesh } from "../../lib/test.ts";

check(
  {
    title: "One Service that selects a pod and a VM outside the cluster balances over both.",
    profile: "extended",
    tags: ["vm", "inbound", "mtls"],
    source: "vmesh",
    rows: ["X18"],
    needs: ["external-vm"],
  },
  async ({ apply, pod, externalVm, expectExchange, expectEvery, eventually }) => {
    const { namespace, workload, port, url } = mesh.vm;
    await apply({ "vm.namespace": namespace, "vm.workload": workload, "vm.port": port });
    const [client] = await Promise.all([pod("client"), externalVm(), pod("external-app-pod", { namespace })]);
    if (!client.identity) return expect.unreachable("the client has no proxy");
    const overMutualTls = answered({ identity: client.identity, viaEnvoy: true });
    await expectExchange(client, { url }, overMutualTls);
    await eventually("the pod and the VM answer", async () => {
      const exchanges = await expectEvery(client, { url, count: 10, intervalMs: 50 }, overMutualTls);
      expect(Object.keys(answersByServer(exchanges)).toSorted()).toEqual([workload, "external-app-pod"]);
    });
  },
);
