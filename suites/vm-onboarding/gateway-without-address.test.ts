import { check, expect, mesh, meshOf, placeFiles, workloadFiles } from "../../lib/test.ts";

check(
  {
    title: "While the gateway has no external address onboarding is an error, and nothing is copied to the VM.",
    profile: "core",
    tags: ["vm", "onboarding"],
    source: "istio-vms-k3s-multipass",
    rows: ["X2"],
    needs: ["external-vm", "eastwest-gateway"],
  },
  async ({ apply, externalVm, rejoinAfterwards, environment, namespace, signal }) => {
    await apply({ network: mesh.networks.vm });
    const vm = await externalVm();
    await rejoinAfterwards(vm);
    const { kubeconfig, tools } = environment;
    const where = {
      istioctl: tools.istioctl,
      kubeconfig,
      group: { name: "new-app", namespace },
      address: await vm.address(),
      facts: meshOf(environment),
      signal,
    };
    const onVm = () => vm.sh("sha256sum /etc/hosts /etc/istio/config/mesh /var/lib/istio/envoy/cluster.env");
    const before = await onVm();
    const onboard = async (ingressService: string) =>
      placeFiles(vm.machine, await workloadFiles({ ...where, ingressService }), signal);
    // istioctl itself only warns, and writes an empty file.
    const pending = `pending-gateway.${namespace}`;
    await expect(onboard(pending)).rejects.toMatchObject({
      message: "istioctl left the file `hosts` empty, with which no VM can join the mesh.",
      hint: expect.stringContaining(pending),
    });
    expect(await onVm(), "checksums of what is copied to the VM").toBe(before);
    expect((await workloadFiles(where)).hosts).not.toBe("");
  },
);
