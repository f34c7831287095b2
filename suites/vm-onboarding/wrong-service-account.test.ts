import { check, expect, mesh, placeFiles } from "../../lib/test.ts";

check(
  {
    title:
      "A VM with the token of another ServiceAccount than its WorkloadGroup's is refused by istiod, which says so.",
    profile: "core",
    tags: ["vm", "onboarding"],
    source: "vmesh",
    rows: ["X8"],
    needs: ["external-vm"],
  },
  async ({ apply, externalVm, namespace, kube, rejoinAfterwards, eventually, signal }) => {
    await apply();
    const vm = await externalVm();
    const files = await rejoinAfterwards(vm);
    await placeFiles(vm.machine, { ...files, "istio-token": await kube.token(namespace, "default") }, signal);
    await vm.sh("systemctl start --no-block istio");

    const group = `${mesh.vm.namespace}/${mesh.vm.serviceAccount}`;
    const refusal = `code = PermissionDenied desc = authorization failed: no identities ([spiffe://cluster.local/ns/${namespace}/sa/default]) matched ${group}`;
    await eventually("the agent's log tells the refusal", async () =>
      expect(await vm.sh("cat /var/log/istio/istio.log || true")).toContain(refusal),
    );
  },
);
