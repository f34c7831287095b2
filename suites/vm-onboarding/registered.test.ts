import { check, expect, mesh } from "../../lib/test.ts";

check(
  {
    title: "A VM that has joined is registered as a WorkloadEntry of its group, with address, labels and network.",
    profile: "core",
    tags: ["vm", "onboarding"],
    source: "istio-vms-k3s-multipass",
    rows: ["X5"],
    needs: ["external-vm"],
  },
  async ({ apply, externalVm, kube }) => {
    await apply();
    const vm = await externalVm();
    const { namespace, workload, serviceAccount } = mesh.vm;
    const group = await kube.get({
      apiVersion: "networking.istio.io/v1",
      kind: "WorkloadGroup",
      namespace,
      name: workload,
    });
    const address = await vm.address();
    const entry = await vm.entry();
    expect(entry, `WorkloadEntry ${vm.entryName}`).toMatchObject({
      metadata: {
        labels: { app: workload },
        annotations: { "istio.io/autoRegistrationGroup": workload },
        ownerReferences: [{ kind: "WorkloadGroup", name: workload, uid: group?.metadata.uid, controller: true }],
      },
      spec: { address, serviceAccount, network: mesh.networks.vm, labels: { app: workload } },
    });
  },
);
