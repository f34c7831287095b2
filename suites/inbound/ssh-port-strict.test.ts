import { answered, greeted, resetByStrictMtls } from "../../lib/expectations.ts";
import { check } from "../../lib/test.ts";

// Istio's rules capture port 22 like any other, but KubeVirt's rule for it sends the packet to the guest before them:
// no proxy sees it, as `inbound/ssh-port` shows by Envoy's counters.
check(
  {
    title:
      "STRICT does not cover SSH's port of a VMI: a pod outside the mesh is greeted there while the Service resets it.",
    profile: "extended",
    tags: ["inbound", "vmi", "ssh", "strict"],
    source: "vmesh",
    rows: ["T13"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ unmeshed, apply, applyStep, pod, vmi, expectExchange, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [outsider, server] = await Promise.all([pod("outsider", { namespace: outside }), vmi("istio-vmi")]);
    const ssh = { url: `tcp://${await server.address()}:22` };
    const web = { url: `http://istio-vmi.${namespace}:8080` };

    await expectExchange(outsider, web, answered({ plaintext: true }));
    await expectExchange(outsider, ssh, greeted("istio-vmi"));
    const relax = await applyStep("strict");
    await expectExchange(outsider, web, resetByStrictMtls(), { times: 3 });
    await expectExchange(outsider, ssh, greeted("istio-vmi"), { times: 3 });
    await expectExchange(outsider, web, resetByStrictMtls());
    await relax();
    await expectExchange(outsider, web, answered({ plaintext: true }));
  },
);
