import { answered, greeted, readiness, refused } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "In a namespace that the injector skips, an annotated VMI gets no proxy and refuses all ports but 22.",
    profile: "core",
    tags: ["enrolment", "vmi"],
    source: "kubevirt-user-guide",
    rows: ["V2", "V5"],
    needs: ["kubevirt", "istio", "istio-cni"],
    injection: false,
  },
  async ({ apply, launcher, vmi, pod, expectExchange }) => {
    await apply();
    // The user guide's first case: the pod has what KubeVirt puts into it, and no more.
    expect(readiness(await launcher("annotated-vmi")), "the launcher has no proxy").not.toHaveProperty("istio-proxy");
    const [client] = await Promise.all([pod("client"), vmi("annotated-vmi"), vmi("plain-vmi")]);

    // For an annotated VMI KubeVirt forwards to the guest only what a proxy in the pod sends it, and port 22, which it
    // counts as not proxied. Without the proxy nothing listens in the pod, and its kernel refuses.
    await expectExchange(client, { url: "http://plain-vmi:8080" }, answered({ plaintext: true, viaEnvoy: false }));
    await expectExchange(client, { url: "tcp://annotated-vmi:22" }, greeted("annotated-vmi"));
    await expectExchange(client, { url: "http://annotated-vmi:8080" }, refused(), { times: 3 });
  },
);
