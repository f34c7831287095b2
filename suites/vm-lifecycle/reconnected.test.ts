import { answered } from "../../lib/expectations.ts";
import { check, expect, mesh } from "../../lib/test.ts";

check(
  {
    title: "A VM that loses its connection to istiod and is back within the grace period keeps its WorkloadEntry.",
    profile: "core",
    tags: ["vm", "lifecycle"],
    source: "vmesh",
    rows: ["X7"],
    needs: ["external-vm"],
  },
  async ({ apply, pod, externalVm, eventually, expectEvery, expectSynced }) => {
    await apply();
    const [client, vm] = await Promise.all([pod("client"), externalVm()]);
    if (!client.identity) return expect.unreachable("the client has no proxy");
    const { workload, url } = mesh.vm;
    const connectedAt = async () => (await vm.entry())?.metadata.annotations?.["istio.io/connectedAt"];
    const before = await vm.entry();
    const since = await connectedAt();
    expect(since, "when it was connected").toBeDefined();

    const closed = await vm.sh(`ss --kill --no-header state established "dport = :${mesh.gateway.ports.istiod}"`);
    expect(closed.trim(), "connections to the gateway's port of istiod").not.toBe("");
    // It has no such annotation between the two.
    await eventually("it is connected anew", async () => {
      const at = await connectedAt();
      expect(at).toBeDefined();
      expect(at).not.toBe(since);
    });
    await expectSynced(vm);
    const after = await vm.entry();
    expect(after?.metadata.uid, "UID of its WorkloadEntry").toBe(before?.metadata.uid);
    await expectEvery(
      client,
      { url, count: 10, intervalMs: 50 },
      answered({ identity: client.identity, by: workload }),
    );
  },
);
