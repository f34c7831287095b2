import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "The proxy of a VM outside the cluster is SYNCED, with a certificate for its ServiceAccount, valid for a day.",
    profile: "core",
    tags: ["vm", "onboarding", "mtls"],
    source: "istio-vms-k3s-multipass",
    rows: ["X4"],
    needs: ["external-vm"],
  },
  async ({ apply, externalVm, proxy, expectSynced }) => {
    await apply();
    const vm = await externalVm();
    await expectSynced(vm);
    const certificate = await (await proxy(vm)).certificate();
    expect(certificate.subjectAltName).toBe(`URI:${vm.identity}`);
    const hours = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / 3_600_000;
    expect(hours).toBeCloseTo(24, 0);
  },
);
