import { answeredByProxy } from "../../lib/expectations.ts";
import { check, expect, gatewayAddressOf } from "../../lib/test.ts";

check(
  {
    title:
      "The ingress gateway answers at its load balancer's address by the names of its ports; a pending one is named.",
    profile: "core",
    tags: ["gateway", "install"],
    source: "istio-getting-started",
    rows: ["G5"],
    needs: ["istio", "ingress-gateway"],
  },
  async ({ unmeshed, apply, gateway, pod, kube, expectExchange, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [outsider, ingress] = await Promise.all([pod("outsider", { namespace: outside }), gateway("ingress")]);
    expect(ingress.ports).toMatchObject({ "status-port": 15_021, http2: 80, https: 443 });
    const ready = { url: `${ingress.url("status-port")}/healthz/ready` };
    await expectExchange(outsider, ready, answeredByProxy({ status: 200, body: /^$/ }));

    const pending = { apiVersion: "v1", kind: "Service", namespace, name: "pending-ingressgateway" };
    const service = await kube.get(pending);
    if (!service) return expect.unreachable("there is no pending gateway");
    const named = `EXTERNAL-IP of Service \`${namespace}/pending-ingressgateway\` is <pending>.`;
    expect(() => gatewayAddressOf(service), "the address of a gateway without one").toThrow(named);
  },
);
