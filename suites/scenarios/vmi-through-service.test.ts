import { answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A mesh pod reaches a VMI through its Service over mutual TLS, and the VMI sees who asked.",
    profile: "core",
    tags: ["inbound", "vmi", "mtls"],
    source: "kubevirt-blog",
    rows: ["T7", "M4"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, pod, vmi, expectExchange, namespace }) => {
    await apply();
    const [client] = await Promise.all([pod("client"), vmi("istio-vmi")]);
    const identity = client.identity;
    if (!identity) return expect.unreachable("the client pod has no proxy");

    for (const host of [
      "istio-vmi-svc",
      `istio-vmi-svc.${namespace}`,
      `istio-vmi-svc.${namespace}.svc.cluster.local`,
    ]) {
      await expectExchange(client, { url: `http://${host}:8080/` }, answered({ identity, viaEnvoy: true }));
    }
  },
);
