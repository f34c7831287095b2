import { answered, answersByServer } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A VM outside the cluster calls helloworld by name, and both versions answer over mutual TLS.",
    profile: "core",
    tags: ["vm", "outbound", "mtls"],
    source: "istio-vms-k3s-multipass",
    rows: ["X9"],
    needs: ["external-vm"],
  },
  async ({ apply, pod, externalVm, eventually, expectExchange, expectEvery, namespace }) => {
    await apply();
    const [vm] = await Promise.all([externalVm(), pod("helloworld-v1"), pod("helloworld-v2")]);
    if (!vm.identity) return expect.unreachable("the VM has no identity");
    const url = `http://helloworld.${namespace}.svc:5000/hello`;
    const overMutualTls = answered({ identity: vm.identity, viaEnvoy: true });
    await expectExchange(vm, { url }, overMutualTls);
    await eventually("both versions answer", async () => {
      const exchanges = await expectEvery(vm, { url, count: 20, intervalMs: 100 }, overMutualTls);
      expect(Object.keys(answersByServer(exchanges)).toSorted()).toEqual(["helloworld-v1", "helloworld-v2"]);
    });
  },
);
