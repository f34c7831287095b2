import { answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A VM whose virt-launcher is deleted comes back in another one, with its identity and as the only endpoint.",
    profile: "core",
    tags: ["lifecycle", "vm", "mtls"],
    source: "vmesh",
    rows: ["L5"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, vmi, pod, launcher, kube, eventually, expectExchange, expectEndpoints, namespace }) => {
    await apply();
    const [first, meshPod] = await Promise.all([vmi("istio-vm"), pod("mesh-pod")]);
    const { identity } = first;
    if (!identity || !meshPod.identity) return expect.unreachable("the VM or the pod has no proxy");
    const toVm = { url: `http://istio-vm.${namespace}:8080` };
    const toPod = { url: `http://mesh-pod.${namespace}:8080` };
    const asPod = answered({ identity: meshPod.identity, viaEnvoy: true });
    await expectExchange(meshPod, toVm, asPod);
    await expectExchange(first, toPod, answered({ identity, viaEnvoy: true }));

    const { name } = (await first.pod()).metadata;
    await kube.remove({ apiVersion: "v1", kind: "Pod", name, namespace });
    const isAnother = async () => expect((await launcher("istio-vm")).metadata.name).not.toBe(name);
    await eventually("the VM has another launcher", isAnother, { withinMs: 180_000 });
    const second = await vmi("istio-vm");
    await expectExchange(meshPod, toVm, asPod);
    await expectExchange(second, toPod, answered({ identity, viaEnvoy: true }));
    await expectEndpoints("istio-vm", [second]);
  },
);
