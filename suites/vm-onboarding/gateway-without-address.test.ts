import { check, expect, mesh, meshOf, workloadFiles } from "../../lib/test.ts";

check(
  {
    title: "While the gateway has no external address onboarding is an error, and nothing is copied to the VM.",
    profile: "core",
    tags: ["vm", "onboarding"],
    source: "istio-vms-k3s-multipass",
    rows: ["X2"],
    needs: ["external-vm", "eastwest-gateway"],
  },
  async ({ apply, environment, namespace, signal }) => {
    await apply({ network: mesh.networks.vm });
    const { kubeconfig, tools, machines } = environment;
    const where = {
      istioctl: tools.istioctl,
      kubeconfig,
      group: { name: "new-app", namespace },
      address: machines.vm?.address ?? "",
      facts: meshOf(environment),
      signal,
    };
    // istioctl itself only warns, and writes an empty file.
    const pending = workloadFiles({ ...where, ingressService: `pending-gateway.${namespace}` });
    await expect(pending).rejects.toThrow("istioctl left the file `hosts` empty, with which no VM can join the mesh.");
    expect((await workloadFiles(where)).hosts).not.toBe("");
  },
);
