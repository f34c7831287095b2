import { answered, noHealthyUpstream, resetByStrictMtls } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A VMI's httpGet readiness probe follows the guest's server through the proxy, under STRICT too.",
    profile: "core",
    tags: ["enrolment", "vmi", "strict"],
    source: "kubevirt-blog",
    rows: ["V8"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ unmeshed, apply, applyStep, vmi, pod, expectExchange, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [client, outsider, server] = await Promise.all([
      pod("client"),
      pod("outsider", { namespace: outside }),
      vmi("istio-vmi"),
    ]);
    if (!client.identity) return expect.unreachable("the client pod has no proxy");
    const toVmi = { url: `http://istio-vmi.${namespace}:8080` };
    const asClient = answered({ identity: client.identity, viaEnvoy: true });
    await expectExchange(client, toVmi, asClient);
    await expectExchange(outsider, toVmi, answered({ plaintext: true }));

    // The kubelet's probe is plaintext. Istio sends it to the proxy's agent, which is exempt from STRICT.
    await applyStep("strict");
    await expectExchange(outsider, toVmi, resetByStrictMtls(), { times: 3 });
    await server.shell("kill $(pidof vmesh-echo)");
    await expectExchange(client, toVmi, noHealthyUpstream());
    await server.shell("(/run/user-data </dev/null >/dev/null 2>&1 &)");
    await expectExchange(client, toVmi, asClient);
  },
);
