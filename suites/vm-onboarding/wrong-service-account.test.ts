import { check, expect, mesh, placeFiles } from "../../lib/test.ts";

check(
  {
    title: "A VM with the token of another namespace or ServiceAccount than its WorkloadGroup's is refused, in words.",
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
    const { namespace: own, serviceAccount } = mesh.vm;
    const tries = async (changed: Partial<typeof files>, refusal: string | RegExp) => {
      await placeFiles(vm.machine, { ...files, ...changed }, signal);
      await vm.sh("systemctl start --no-block istio");
      const tells = async () => expect(await vm.sh("cat /var/log/istio/istio.log || true")).toMatch(refusal);
      await eventually("the agent's log tells the refusal", tells, { withinMs: 120_000 });
      await eventually("it is registered nowhere", async () => expect(await vm.entry()).toBeUndefined());
    };

    const elsewhere = await kube.token(namespace, "default");
    await tries({ "istio-token": elsewhere }, unauthorized(`${namespace}/sa/default`, `${own}/${serviceAccount}`));
    const another = await kube.token(own, "default");
    await tries({ "istio-token": another }, unauthorized(`${own}/sa/default`, `${own}/${serviceAccount}`));
    // One that claims the account of its token is not of the group.
    const claim = files["cluster.env"].replace(/^SERVICE_ACCOUNT=.*$/m, "SERVICE_ACCOUNT='default'");
    const notOfGroup = new RegExp(`service account mismatch: \\W*default\\W* vs \\W*${serviceAccount}\\W`);
    await tries({ "istio-token": another, "cluster.env": claim }, notOfGroup);
  },
);

/** What istiod says of a certificate that is not the one which the proxy claims. */
function unauthorized(account: string, claimed: string): string {
  return `code = PermissionDenied desc = authorization failed: no identities ([spiffe://cluster.local/ns/${account}]) matched ${claimed}`;
}
