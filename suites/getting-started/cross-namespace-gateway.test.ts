import { answered, noRouteAtGateway } from "../../lib/expectations.ts";
import { check } from "../../lib/test.ts";

check(
  {
    title:
      "A VirtualService binds to a Gateway of another namespace by `namespace/name`, and by its name alone to nothing.",
    profile: "core",
    tags: ["gateway", "routing"],
    source: "istio-getting-started",
    rows: ["G6"],
    needs: ["istio", "ingress-gateway"],
  },
  async ({ unmeshed, apply, applyStep, gateway, pod, expectExchange, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [outsider, ingress] = await Promise.all([
      pod("outsider", { namespace: outside }),
      gateway("ingress"),
      pod("server"),
    ]);
    const request = { url: ingress.url("http2"), headers: { host: `${namespace}.vmesh.test` } };
    const asGateway = answered({ identity: ingress.identity, viaEnvoy: true, by: "server" });

    await applyStep("with-prefix");
    await expectExchange(outsider, request, asGateway);
    await applyStep("without-prefix");
    await expectExchange(outsider, request, noRouteAtGateway(), { times: 3 });
    await applyStep("with-prefix");
    await expectExchange(outsider, request, asGateway);
  },
);
