import { answered, noHealthyUpstream } from "../../lib/expectations.ts";
import { check, expect, mesh } from "../../lib/test.ts";

check(
  {
    title: "A VM whose agent is stopped leaves the mesh, its packet filters and DNS as before; SSH goes on throughout.",
    profile: "core",
    tags: ["vm", "lifecycle"],
    source: "vmesh",
    rows: ["X7", "X13", "X14"],
    needs: ["external-vm"],
  },
  async ({ apply, pod, externalVm, afterwards, eventually, expectExchange }) => {
    await apply();
    const [client, vm] = await Promise.all([pod("client"), externalVm()]);
    if (!client.identity || !vm.identity) return expect.unreachable("the client or the VM has no identity");
    const { workload } = mesh.vm;
    const toVm = { url: mesh.vm.url };
    const captured = async () =>
      (await vm.sh("(iptables-save; iptables-legacy-save) 2>/dev/null | grep -c ISTIO || true")).trim();
    afterwards("the VM is in the mesh", () => vm.startAgent(), { withinMs: 120_000 });
    await expectExchange(client, toVm, answered({ identity: client.identity, by: workload }));
    const first = await vm.entry();
    expect(first, `WorkloadEntry ${vm.entryName}`).toBeDefined();
    expect(await captured()).not.toBe("0");

    // A connection from before, that has to outlive both.
    const lines = 30;
    const session = vm.sh(`for i in $(seq ${lines}); do echo $i; sleep 1; done`);
    await vm.sh("systemctl stop istio");
    expect(await captured(), "Istio's rules").toBe("0");
    expect((await vm.sh("dig +short +time=2 outside.example")).trim()).toBe("192.0.2.53");
    await eventually("its entry is deleted after the grace period", async () =>
      expect(await vm.entry()).toBeUndefined(),
    );
    await expectExchange(client, toVm, noHealthyUpstream());

    await vm.startAgent();
    expect(await captured()).not.toBe("0");
    await eventually("it is registered anew", async () => {
      const { uid } = (await vm.entry())?.metadata ?? {};
      expect(uid).toBeDefined();
      expect(uid).not.toBe(first?.metadata.uid);
    });
    await expectExchange(client, toVm, answered({ identity: client.identity, by: workload }));
    expect((await session).trim().split("\n")).toHaveLength(lines);
  },
);
