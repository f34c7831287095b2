import { answered } from "../../lib/expectations.ts";
import { check, expect, mesh } from "../../lib/test.ts";

check(
  {
    title: "A VM whose agent and proxy are killed is in the mesh again by itself; SSH goes on throughout.",
    profile: "core",
    tags: ["vm", "lifecycle"],
    source: "vmesh",
    rows: ["X13", "X14"],
    needs: ["external-vm"],
  },
  async ({
    apply,
    pod,
    externalVm,
    rejoinAfterwards,
    afterwards,
    eventually,
    expectExchange,
    expectSynced,
    property,
  }) => {
    await apply();
    const [client, vm] = await Promise.all([pod("client"), externalVm()]);
    if (!client.identity) return expect.unreachable("the client has no proxy");
    const toVm = { url: mesh.vm.url };
    const known = answered({ identity: client.identity, by: mesh.vm.workload });
    const restarts = async () => Number(await vm.sh("systemctl show --property NRestarts --value istio"));
    await rejoinAfterwards(vm);
    await expectExchange(client, toVm, known);
    const before = await restarts();

    const session = await vm.openSession();
    afterwards("its session has ended", () => session.close());
    const crashed = performance.now();
    await vm.sh("systemctl kill --signal=SIGKILL istio");
    await eventually("systemd starts the agent again", async () => expect(await restarts()).toBe(before + 1));
    // A connection that is opened after the old packet filters have gone may be reset as the new ones come, which do not
    // know it: seen once. The next look gets through.
    await vm.agentReady();
    await expectSynced(vm);
    property("synced_again_ms", Math.round(performance.now() - crashed));
    await expectExchange(client, toVm, known);
    expect(await session.close(), "the connection from before").toBe("closed");
    expect(await restarts()).toBe(before + 1);
  },
);
