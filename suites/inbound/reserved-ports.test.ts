import { answered, answeredByProxy, closedByProxy, type Expectation, refused } from "../../lib/expectations.ts";
import { check } from "../../lib/test.ts";

// KubeVirt's own test asks only for 15008. Its rules that keep reserved ports from a guest fit packets from 127.0.0.1,
// while Envoy's passthrough sends from 127.0.0.6: what Envoy does not serve itself on the pod's address, it passes on.
const byGuest = answered({ plaintext: true, viaEnvoy: true, by: "istio-vmi" });
const outcomes: Record<string, Expectation> = {
  "15000": byGuest, // Envoy's admin interface is on 127.0.0.1 alone
  "15001": byGuest, // outbound capture, which takes only what comes out of the pod
  "15004": byGuest, // istiod's debug port; a proxy has none
  "15006": closedByProxy(), // inbound capture: a connection to itself, which Envoy ends
  "15008": refused(), // HBONE: never captured, and no listener outside ambient
  "15009": byGuest, // HBONE's port for secure networks, unused
  "15020/metrics": answeredByProxy({ status: 200, body: /^istio_agent_/m }), // the agent
  "15021/healthz/ready": answeredByProxy({ status: 200, body: /^$/ }), // Envoy's health listener
  "15053": byGuest, // DNS capture, which is off
  "15090/stats/prometheus": answeredByProxy({ status: 200, body: /^envoy_/m }), // Envoy's metrics listener
};

check(
  {
    title: "Five of Istio's ten reserved ports never lead into a VMI; the other five do, through Envoy's passthrough.",
    profile: "extended",
    tags: ["inbound", "vmi", "ports"],
    source: "kubevirt-tests",
    rows: ["T5"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ unmeshed, apply, pod, vmi, expectExchange }) => {
    const outside = await unmeshed();
    await apply();
    const [outsider, server] = await Promise.all([pod("outsider", { namespace: outside }), vmi("istio-vmi")]);
    const address = await server.address();

    for (const [target, expectation] of Object.entries(outcomes)) {
      // Control: the guest itself finds its server on every one of the ports.
      await expectExchange(
        server,
        { url: `http://127.0.0.1:${target}` },
        answered({ plaintext: true, by: "istio-vmi" }),
      );
      await expectExchange(outsider, { url: `http://${address}:${target}` }, expectation, { times: 2 });
    }
  },
);
