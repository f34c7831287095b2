import { answered } from "../../lib/expectations.ts";
import { check, expect, mesh } from "../../lib/test.ts";

check(
  {
    title:
      "A VM that is rebooted is in the mesh once its agent is started, by its certificate: the token went with the memory.",
    profile: "extended",
    tags: ["vm", "lifecycle"],
    source: "vmesh",
    rows: ["X15"],
    needs: ["external-vm"],
  },
  async ({ apply, pod, externalVm, rejoinAfterwards, expectExchange, expectSynced, milestone }) => {
    await apply();
    const [client, vm] = await Promise.all([pod("client"), externalVm()]);
    if (!client.identity || !vm.identity) return expect.unreachable("the client or the VM has no identity");
    await rejoinAfterwards(vm);
    const { workload } = mesh.vm;
    const toVm = { url: mesh.vm.url };
    await expectExchange(client, toVm, answered({ identity: client.identity, by: workload }));

    const started = performance.now();
    await vm.reboot();
    milestone(vm, "runningMs", performance.now() - started);
    expect(await vm.sh("ls /var/run/secrets/tokens 2>&1 || true")).toContain("No such file or directory");
    const agent = (await vm.sh("systemctl is-active istio || true")).trim();
    expect(agent, "its agent, which nobody started").toBe("inactive");
    await vm.startAgent();
    milestone(vm, "readyMs", performance.now() - started);
    await vm.startApplication();
    await expectSynced(vm);
    const certificate = await vm.sh("grep -h 'failed to fetch token from file' /var/log/istio/istio.log | tail -n 1");
    expect(certificate).toContain("no such file or directory");
    await expectExchange(client, toVm, answered({ identity: client.identity, by: workload }));
    milestone(vm, "firstMtlsMs", performance.now() - started);
  },
);
