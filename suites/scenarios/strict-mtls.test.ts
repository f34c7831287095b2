import { answered, resetByStrictMtls } from "../../lib/expectations.ts";
import { check, expect, mesh } from "../../lib/test.ts";

check(
  {
    title: "Under mesh-wide STRICT a VM outside the cluster and mesh pods reach each other, and plaintext is reset.",
    profile: "core",
    tags: ["vm", "strict", "mtls"],
    source: "istio-vms-k3s-multipass",
    rows: ["M6", "M7"],
    needs: ["external-vm"],
    serial: true,
  },
  async ({ unmeshed, apply, applyStep, pod, externalVm, expectExchange, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [vm, meshPod] = await Promise.all([externalVm(), pod("mesh-pod")]);
    const outsider = await pod("outsider", { namespace: outside });
    if (!vm.identity || !meshPod.identity) return expect.unreachable("the VM or the pod has no identity");
    const toPod = { url: `http://mesh-pod.${namespace}.svc.cluster.local:8080` };
    const toVm = { url: mesh.vm.url };
    const asVm = answered({ identity: vm.identity, viaEnvoy: true });
    const asPod = answered({ identity: meshPod.identity, viaEnvoy: true });
    // Services have no endpoint outside the mesh that is a WorkloadEntry: from there the VM has its address alone.
    const directly = { url: `http://${await vm.address()}:${mesh.vm.port}` };

    await expectExchange(vm, toPod, asVm);
    await expectExchange(meshPod, toVm, asPod);
    for (const request of [toPod, directly]) await expectExchange(outsider, request, answered({ plaintext: true }));

    const relax = await applyStep("strict");
    for (const request of [toPod, directly]) await expectExchange(outsider, request, resetByStrictMtls(), { times: 3 });
    await expectExchange(vm, { ...toPod, count: 5, intervalMs: 100 }, asVm);
    await expectExchange(meshPod, { ...toVm, count: 5, intervalMs: 100 }, asPod);

    await relax();
    for (const request of [toPod, directly]) await expectExchange(outsider, request, answered({ plaintext: true }));
  },
);
