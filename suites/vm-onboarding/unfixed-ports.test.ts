import { check, expect, mesh, placeFiles, meshOf, workloadFiles } from "../../lib/test.ts";

check(
  {
    title: "With the ports that istioctl writes a VM gets no certificate, as the gateway's are shifted.",
    profile: "extended",
    tags: ["vm", "onboarding"],
    source: "istio-vms-k3s-multipass",
    rows: ["X3"],
    needs: ["external-vm", "eastwest-gateway"],
  },
  async ({ apply, externalVm, environment, rejoinAfterwards, eventually, signal }) => {
    await apply();
    const vm = await externalVm();
    await rejoinAfterwards(vm);
    const { namespace, workload } = mesh.vm;
    const raw = await workloadFiles({
      istioctl: environment.tools.istioctl,
      kubeconfig: environment.kubeconfig,
      group: { name: workload, namespace },
      address: await vm.address(),
      facts: meshOf(environment),
      signal,
    });
    await placeFiles(vm.machine, raw, signal);
    await vm.sh("systemctl start --no-block istio");
    const [gateway = ""] = raw.hosts.split(" ");
    const refusal = `dial tcp ${gateway}:15012: connect: connection refused`;
    const tells = async () => expect(await vm.sh("cat /var/log/istio/istio.log || true")).toContain(refusal);
    await eventually("the agent's log tells that nothing listens there", tells, { withinMs: 120_000 });
    expect((await vm.sh("ls /etc/certs")).trim(), "certificates").toBe("root-cert.pem");
    await eventually("it is registered nowhere", async () => expect(await vm.entry()).toBeUndefined());
  },
);
