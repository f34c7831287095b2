import { answered, noHealthyUpstream } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A stopped VM leaves its clients without a healthy upstream; started again, it is back in the mesh.",
    profile: "core",
    tags: ["lifecycle", "vm", "mtls"],
    source: "vmesh",
    rows: ["L5"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, vmi, pod, kube, expectExchange, namespace }) => {
    await apply();
    const [first, meshPod] = await Promise.all([vmi("istio-vm"), pod("mesh-pod")]);
    const { identity } = first;
    if (!identity || !meshPod.identity) return expect.unreachable("the VM or the pod has no proxy");
    const toVm = { url: `http://istio-vm.${namespace}:8080` };
    const toPod = { url: `http://mesh-pod.${namespace}:8080` };
    const asPod = answered({ identity: meshPod.identity, viaEnvoy: true });
    await expectExchange(meshPod, toVm, asPod);

    const vm = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachine", name: "istio-vm", namespace };
    await kube.patch(vm, { spec: { runStrategy: "Halted" } });
    await expectExchange(meshPod, toVm, noHealthyUpstream(), { times: 3 });

    await kube.patch(vm, { spec: { runStrategy: "Always" } });
    const second = await vmi("istio-vm");
    await expectExchange(meshPod, toVm, asPod);
    await expectExchange(second, toPod, answered({ identity, viaEnvoy: true }));
  },
);
