import { closedUnanswered, greeted } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "Under REGISTRY_ONLY a VMI's TCP connection to a host outside the registry ends in BlackHoleCluster.",
    profile: "core",
    tags: ["outbound", "vmi"],
    source: "vmesh",
    rows: ["C8"],
    needs: ["kubevirt", "istio", "istio-cni", "external-host"],
  },
  async ({ environment, apply, applyStep, vmi, proxy, expectExchange }) => {
    await apply();
    const client = await vmi("client-vmi");
    const request = { url: `tcp://${environment.endpoints.external}:7700` };
    const swallowed = async () => (await proxy(client)).clusterCounter("BlackHoleCluster", "upstream_cx_none_healthy");

    await expectExchange(client, request, greeted("external"));
    expect(await swallowed(), "connections in BlackHoleCluster before").toBe(0);
    const relax = await applyStep("registry-only");
    // Closed, and not reset as the kernel does where the client had sent something: this one waits for the server.
    await expectExchange(client, request, closedUnanswered(), { times: 3 });
    expect(await swallowed(), "connections in BlackHoleCluster").toBeGreaterThanOrEqual(3);
    await relax();
    await expectExchange(client, request, greeted("external"));
  },
);
