import { greeted, unanswered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "A TCP server that speaks first greets a mesh pod over mutual TLS, and an unmeshed one where mTLS is disabled.",
    profile: "core",
    tags: ["inbound", "vmi", "tcp", "mtls"],
    source: "vmesh",
    rows: ["T10"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ unmeshed, apply, applyStep, pod, vmi, proxy, expectExchange, expectEvery, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [client, outsider, server] = await Promise.all([
      pod("client"),
      pod("outsider", { namespace: outside }),
      vmi("istio-vmi"),
    ]);
    const request = { url: `tcp://istio-vmi.${namespace}.svc.cluster.local:9090`, count: 3, intervalMs: 100 };
    const [near, far] = await Promise.all([proxy(client), proxy(server)]);
    const handshakes = () =>
      near.clusterCounter(`outbound|9090||istio-vmi.${namespace}.svc.cluster.local`, "ssl.handshake");

    await expectExchange(client, request, greeted("istio-vmi"));
    const before = await handshakes();
    const risen = await far.requestsDuring(["inbound|9090||"], () =>
      expectEvery(client, request, greeted("istio-vmi")),
    );
    expect(risen, "connections that the VMI's proxy passed on").toEqual({ "inbound|9090||": 3 });
    expect((await handshakes()) - before, "TLS handshakes of the client's proxy").toBe(3);

    // Under PERMISSIVE the proxy waits for the client's first bytes to tell TLS from plaintext: all wait.
    const once = { ...request, count: 1 };
    await expectExchange(outsider, once, unanswered());
    await applyStep("disable-mtls");
    await expectExchange(outsider, once, greeted("istio-vmi"));
  },
);
