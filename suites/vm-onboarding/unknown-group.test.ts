import { check, expect, mesh, placeFiles } from "../../lib/test.ts";

check(
  {
    title: "A VM of a WorkloadGroup that does not exist is refused by istiod, and registered under none.",
    profile: "core",
    tags: ["vm", "onboarding"],
    source: "vmesh",
    rows: ["X8"],
    needs: ["external-vm"],
  },
  async ({ apply, externalVm, kube, rejoinAfterwards, eventually, signal }) => {
    await apply();
    const vm = await externalVm();
    const files = await rejoinAfterwards(vm);
    const wrong = files["cluster.env"].replace(/^(ISTIO_META_AUTO_REGISTER_GROUP)=.*$/m, "$1='no-such-group'");
    await placeFiles(vm.machine, { ...files, "cluster.env": wrong }, signal);
    await vm.sh("systemctl start --no-block istio");

    const { namespace } = mesh.vm;
    const refusal = `code = FailedPrecondition desc = auto-registration WorkloadEntry of ${vm.name}.${namespace} failed: cannot find WorkloadGroup ${namespace}/no-such-group`;
    const tells = async () => expect(await vm.sh("cat /var/log/istio/istio.log || true")).toContain(refusal);
    await eventually("the agent's log tells the refusal", tells, { withinMs: 120_000 });
    await eventually("no WorkloadEntry is left", async () => {
      const entries = await kube.list({ apiVersion: "networking.istio.io/v1", kind: "WorkloadEntry", namespace });
      expect(entries.map(({ metadata }) => metadata.name)).toEqual([]);
    });
  },
);
