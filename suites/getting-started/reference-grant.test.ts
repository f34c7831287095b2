import { answered, referenceNotGranted } from "../../lib/expectations.ts";
import { check } from "../../lib/test.ts";
import { gatewayIsProgrammed } from "./gateway-is-programmed.ts";

check(
  {
    title: "An HTTPRoute reaches a Service of another namespace only while a ReferenceGrant there permits it.",
    profile: "core",
    tags: ["gateway", "gateway-api"],
    source: "istio-getting-started",
    rows: ["G12"],
    needs: ["istio", "gateway-api"],
  },
  async (fixtures) => {
    const { unmeshed, apply, applyStep, pod, expectExchange, namespace } = fixtures;
    const outside = { namespace: await unmeshed() };
    await apply();
    const [outsider] = await Promise.all([
      pod("outsider", outside),
      pod("server", outside),
      gatewayIsProgrammed("bookinfo-gateway", fixtures),
    ]);
    const request = { url: `http://bookinfo-gateway-istio.${namespace}:80` };
    const byTheServer = answered({ plaintext: true, viaEnvoy: true, by: "server" });

    await expectExchange(outsider, request, referenceNotGranted(), { times: 2 });
    const withdraw = await applyStep("grant");
    await expectExchange(outsider, request, byTheServer);
    await withdraw();
    await expectExchange(outsider, request, referenceNotGranted(), { times: 2 });
    await applyStep("grant");
    await expectExchange(outsider, request, byTheServer);
  },
);
