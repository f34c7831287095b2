import { answered, unknownToProxy } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "Under REGISTRY_ONLY a ServiceEntry opens a VMI's way to a host outside the cluster, and closes it when deleted.",
    profile: "core",
    tags: ["outbound", "vmi"],
    source: "vmesh",
    rows: ["C9"],
    needs: ["kubevirt", "istio", "istio-cni", "external-host"],
  },
  async ({ environment, apply, applyStep, vmi, proxy, expectExchange, expectEvery }) => {
    await apply();
    const client = await vmi("client-vmi");
    const request = { url: `http://${environment.endpoints.external}:8080` };
    const asExternal = answered({ plaintext: true, viaEnvoy: true, by: "external" });

    await expectExchange(client, request, unknownToProxy(), { times: 3 });
    const remove = await applyStep("entry");
    await expectExchange(client, request, asExternal);
    await expectEvery(client, { ...request, count: 5, intervalMs: 100 }, asExternal);
    const named = await (await proxy(client)).clusterCounter("outbound|8080||external.vmesh.test", "upstream_rq_total");
    expect(named, "requests through the cluster of the ServiceEntry").toBeGreaterThanOrEqual(6);
    await remove();
    await expectExchange(client, request, unknownToProxy(), { times: 3 });
  },
);
