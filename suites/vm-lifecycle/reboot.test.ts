import { answered } from "../../lib/expectations.ts";
import { check, expect, mesh } from "../../lib/test.ts";

check(
  {
    title: "A VM that is rebooted rejoins by the certificate on its disk, as the token is lost with the memory.",
    profile: "extended",
    tags: ["vm", "lifecycle"],
    source: "vmesh",
    rows: ["X15"],
    needs: ["external-vm"],
  },
  async ({ apply, pod, externalVm, afterwards, expectExchange, expectSynced, property }) => {
    await apply();
    const [client, vm] = await Promise.all([pod("client"), externalVm()]);
    if (!client.identity || !vm.identity) return expect.unreachable("the client or the VM has no identity");
    const files = await vm.files();
    afterwards("the VM is in the mesh", () => vm.rejoin(files), { withinMs: 120_000 });
    const { namespace, workload, port } = mesh.vm;
    const toVm = { url: `http://${workload}.${namespace}.svc:${port}` };
    await expectExchange(client, toVm, answered({ identity: client.identity, by: workload }));

    const started = performance.now();
    await vm.reboot();
    property("reboot_to_ssh_ms", Math.round(performance.now() - started));
    expect(await vm.sh("ls /var/run/secrets/tokens 2>&1 || true")).toContain("No such file or directory");
    await vm.startAgent();
    property("reboot_to_proxy_ms", Math.round(performance.now() - started));
    await vm.startApplication();
    await expectSynced(vm);
    const certificate = await vm.sh("grep -h 'failed to fetch token from file' /var/log/istio/istio.log | tail -n 1");
    expect(certificate).toContain("no such file or directory");
    await expectExchange(client, toVm, answered({ identity: client.identity, by: workload }));
  },
);
