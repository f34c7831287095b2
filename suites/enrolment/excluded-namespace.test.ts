import { answered, greeted, readiness, refused } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "In a namespace that the injector skips, an annotated VMI gets no proxy and refuses TCP on all ports but 22.",
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
    const [client, annotated, plain] = await Promise.all([pod("client"), vmi("annotated-vmi"), vmi("plain-vmi")]);
    const [to, toPlain] = await Promise.all([annotated.address(), plain.address()]);

    // For an annotated VMI KubeVirt forwards to the guest only what a proxy in the pod sends it, and port 22, which it
    // counts as not proxied. Without the proxy nothing listens in the pod, and its kernel refuses.
    // What else the guest serves is on no Service, so it is asked by address.
    await expectExchange(client, { url: "http://plain-vmi:8080" }, answered({ plaintext: true, viaEnvoy: false }));
    await expectExchange(client, { url: `http://${toPlain}:8081` }, answered({ plaintext: true, viaEnvoy: false }));
    await expectExchange(client, { url: `tcp://${toPlain}:9090` }, greeted("plain-vmi"));
    await expectExchange(client, { url: "tcp://annotated-vmi:22" }, greeted("annotated-vmi"));
    for (const url of ["http://annotated-vmi:8080", `http://${to}:8081`, `tcp://${to}:9090`]) {
      await expectExchange(client, { url }, refused(), { times: 3 });
    }
  },
);
