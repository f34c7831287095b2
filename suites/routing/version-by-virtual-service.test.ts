import { answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A VirtualService moves a VMI's requests from version v1 of a Service to v2, and back.",
    profile: "core",
    tags: ["routing", "vmi"],
    source: "vmesh",
    rows: ["C5"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, applyStep, pod, vmi, expectExchange, namespace }) => {
    await apply();
    const [client] = await Promise.all([vmi("client-vmi"), pod("server-v1"), pod("server-v2")]);
    const { identity } = client;
    if (!identity) return expect.unreachable("the client VMI has no proxy");
    // By chance alone, that is without the rule, 20 in a row go to one version less than once in a million times.
    const requests = { url: `http://server.${namespace}:8080`, count: 20, intervalMs: 10 };

    for (const version of ["v1", "v2", "v1"]) {
      await applyStep(`to-${version}`);
      await expectExchange(client, requests, answered({ identity, viaEnvoy: true, by: `server-${version}` }));
    }
  },
);
