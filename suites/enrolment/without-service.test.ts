import { answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A VMI that no Service selects starts, its proxy is SYNCED, and it reaches a mesh pod with its identity.",
    profile: "core",
    tags: ["enrolment", "vmi", "mtls"],
    // The user guide says that Istio expects a Service for each application; nothing here needs one.
    source: "kubevirt-user-guide",
    rows: ["V7"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, vmi, pod, expectSynced, expectExchange, namespace }) => {
    await apply();
    const [client] = await Promise.all([vmi("istio-vmi"), pod("mesh-pod")]);
    if (!client.identity) return expect.unreachable("the VMI has no proxy");
    await expectSynced(client);
    const toPod = { url: `http://mesh-pod.${namespace}:8080` };
    await expectExchange(client, toPod, answered({ identity: client.identity, viaEnvoy: true }));
  },
);
