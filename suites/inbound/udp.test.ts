import { greeted, refused } from "../../lib/expectations.ts";
import { check } from "../../lib/test.ts";

// Istio's proxies carry no UDP, and KubeVirt forwards to a guest with a proxy only what comes from the proxy.
check(
  {
    title: "UDP to a VMI in the mesh is refused though its guest listens; to a VMI without a proxy it is answered.",
    profile: "extended",
    tags: ["inbound", "vmi", "udp"],
    source: "vmesh",
    rows: ["T11"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ unmeshed, apply, pod, vmi, expectExchange, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [client, outsider, server] = await Promise.all([
      pod("client"),
      pod("outsider", { namespace: outside }),
      vmi("istio-vmi"),
      vmi("plain-vmi", { namespace: outside }),
    ]);

    await expectExchange(server, { url: "udp://127.0.0.1:9091" }, greeted("istio-vmi"));
    for (const from of [outsider, client]) {
      await expectExchange(from, { url: `udp://plain-vmi.${outside}:9091` }, greeted("plain-vmi"));
      await expectExchange(from, { url: `udp://istio-vmi.${namespace}:9091` }, refused(), { times: 3 });
    }
    await expectExchange(server, { url: "udp://127.0.0.1:9091" }, greeted("istio-vmi"));
  },
);
