import { answered, resetByStrictMtls } from "../../lib/expectations.ts";
import { check, mesh } from "../../lib/test.ts";

/** Not among the ports of the WorkloadGroup, and so not among those that the VM's packet filter sends to the proxy. */
const UNCAPTURED = 8001;

check(
  {
    title: "STRICT does not guard a port of a VM that its WorkloadGroup does not name: plaintext is answered there.",
    profile: "core",
    tags: ["vm", "strict"],
    source: "vmesh",
    rows: ["M7"],
    needs: ["external-vm"],
  },
  async ({ unmeshed, apply, applyStep, pod, externalVm, afterwards, expectExchange }) => {
    const outside = await unmeshed();
    await apply({ vmNamespace: mesh.vm.namespace });
    const [outsider, vm] = await Promise.all([pod("outsider", { namespace: outside }), externalVm()]);
    const unit = "uncaptured";
    afterwards(`nothing listens on ${UNCAPTURED}`, async () => void (await vm.sh(`systemctl stop ${unit} || true`)));
    await vm.sh(`systemd-run -q --unit ${unit} vmesh-echo serve --name ${unit} --http ${UNCAPTURED}`);
    const url = (port: number) => `http://${vm.machine.address}:${port}`;
    const inPlaintext = answered({ plaintext: true });
    await expectExchange(outsider, { url: url(mesh.vm.port) }, inPlaintext);
    await expectExchange(outsider, { url: url(UNCAPTURED) }, answered({ plaintext: true, by: unit, viaEnvoy: false }));

    const relax = await applyStep("strict");
    await expectExchange(outsider, { url: url(mesh.vm.port) }, resetByStrictMtls(), { times: 3 });
    await expectExchange(outsider, { url: url(UNCAPTURED) }, answered({ plaintext: true, by: unit, viaEnvoy: false }));
    await relax();
    await expectExchange(outsider, { url: url(mesh.vm.port) }, inPlaintext);
  },
);
