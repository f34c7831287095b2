import { answered, unknownToProxy } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "Under REGISTRY_ONLY a VMI's HTTP request to a host outside the mesh's registry is answered 502 by its own proxy.",
    profile: "core",
    tags: ["outbound", "vmi"],
    source: "kubevirt-tests",
    rows: ["C8"],
    needs: ["kubevirt", "istio", "istio-cni", "external-host"],
  },
  async ({ environment, apply, applyStep, vmi, proxy, expectExchange }) => {
    await apply();
    const client = await vmi("client-vmi");
    const request = { url: `http://${environment.endpoints.external}:8080` };
    // Istio's metrics name BlackHoleCluster for this, but no cluster of Envoy takes part: the route for unknown hosts
    // answers by itself, and the listener counts that.
    const refused = async () => (await proxy(client)).httpCounter("outbound_0.0.0.0_8080", "rq_direct_response");

    await expectExchange(client, request, answered({ plaintext: true, viaEnvoy: true }));
    const before = await refused();
    const relax = await applyStep("registry-only");
    await expectExchange(client, request, unknownToProxy(), { times: 3 });
    expect(await refused(), "requests that the proxy answered itself").toBeGreaterThanOrEqual(before + 3);
    await relax();
    await expectExchange(client, request, answered({ plaintext: true, viaEnvoy: true }));
  },
);
