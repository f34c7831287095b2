import { answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

const REQUESTS = 30;

check(
  {
    title: "30 of 30 requests of one VMI to another's Service are answered over mutual TLS.",
    profile: "core",
    tags: ["vmi-to-vmi", "vmi", "mtls"],
    source: "kubevirt-blog",
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, vmi, expectExchange, expectEvery, namespace }) => {
    await apply();
    const [cirros] = await Promise.all([vmi("cirros-vmi"), vmi("istio-vmi")]);
    const identity = cirros.identity;
    if (!identity) return expect.unreachable("cirros-vmi has no proxy");

    const url = `http://istio-vmi-svc.${namespace}.svc.cluster.local:8080`;
    const overMutualTls = answered({ identity, viaEnvoy: true });
    await expectExchange(cirros, { url }, overMutualTls);
    await expectEvery(cirros, { url, count: REQUESTS }, overMutualTls);
    expect(await cirros.console(), "the serial console shows the answers").toContain("Hello from istio-vmi");
  },
);
