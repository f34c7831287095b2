import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "`istioctl proxy-status` shows every VMI's proxy as SYNCED in all four types.",
    profile: "core",
    tags: ["enrolment", "vmi"],
    source: "kubevirt-user-guide",
    rows: ["V6"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, vmi, expectSynced }) => {
    await apply();
    const peers = await Promise.all([vmi("istio-vmi"), vmi("client-vmi")]);
    for (const peer of peers) {
      expect(peer.identity, `the proxy of ${peer.name}`).toBeDefined();
      await expectSynced(peer);
    }
  },
);
