import { answered, refused } from "../../lib/expectations.ts";
import { check, expect, mesh } from "../../lib/test.ts";

check(
  {
    title:
      "A pod outside the mesh is refused by the VM's Service, which has endpoints in the mesh only; its address answers.",
    profile: "core",
    tags: ["vm", "inbound"],
    source: "istio-vms-k3s-multipass",
    rows: ["X10"],
    needs: ["external-vm"],
  },
  async ({ unmeshed, apply, pod, externalVm, expectExchange }) => {
    const outside = await unmeshed();
    await apply();
    const [client, vm] = await Promise.all([pod("client"), externalVm()]);
    if (!client.identity) return expect.unreachable("the client has no proxy");
    const outsider = await pod("outsider", { namespace: outside });
    const { workload, port } = mesh.vm;
    const byService = { url: mesh.vm.url };
    const byAddress = { url: `http://${await vm.address()}:${port}` };
    await expectExchange(outsider, byAddress, answered({ plaintext: true, by: workload }));
    // A WorkloadEntry is no pod, so Kubernetes knows no endpoint of this Service.
    await expectExchange(outsider, byService, refused(), { times: 2 });
    await expectExchange(client, byService, answered({ identity: client.identity, by: workload }));
  },
);
