import { answered, resetByStrictMtls } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "Under mesh-wide STRICT, mesh pods and VMIs still reach a VMI, and a pod outside the mesh is reset.",
    profile: "core",
    tags: ["strict", "vmi", "mtls"],
    source: "istio-vms-k3s-multipass",
    needs: ["kubevirt", "istio", "istio-cni"],
    serial: true,
  },
  async ({ unmeshed, apply, applyStep, pod, vmi, expectExchange, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [client, cirros, outsider] = await Promise.all([
      pod("client"),
      vmi("cirros-vmi"),
      pod("outsider", { namespace: outside }),
      vmi("istio-vmi"),
    ]);
    if (!client.identity || !cirros.identity) return expect.unreachable("a mesh client has no proxy");
    const url = `http://istio-vmi-svc.${namespace}.svc.cluster.local:8080`;
    const asClient = answered({ identity: client.identity, viaEnvoy: true });
    const asCirros = answered({ identity: cirros.identity, viaEnvoy: true });

    await expectExchange(client, { url }, asClient);
    await expectExchange(cirros, { url }, asCirros);
    await expectExchange(outsider, { url }, answered({ plaintext: true }));

    const relax = await applyStep("strict");
    await expectExchange(outsider, { url }, resetByStrictMtls(), { times: 3 });
    await expectExchange(client, { url, count: 5, intervalMs: 200 }, asClient);
    await expectExchange(cirros, { url, count: 5 }, asCirros);

    await relax();
    await expectExchange(outsider, { url }, answered({ plaintext: true }));
  },
);
