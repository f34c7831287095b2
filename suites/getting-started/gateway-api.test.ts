import { noRouteAtGateway, productPage } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";
import { gatewayIsProgrammed } from "./gateway-is-programmed.ts";
import { servedDuring } from "./served-during.ts";

check(
  {
    title:
      "A Gateway and an HTTPRoute of the Gateway API serve Bookinfo's paths at a gateway that istiod makes, and no other.",
    profile: "core",
    tags: ["bookinfo", "gateway", "gateway-api"],
    source: "istio-getting-started",
    rows: ["G12"],
    needs: ["istio", "bookinfo", "gateway-api"],
  },
  async (fixtures) => {
    const { unmeshed, apply, bookinfo, pod, expectExchange, expectEvery, namespace, signal } = fixtures;
    const outside = await unmeshed();
    await apply();
    const [pods, outsider] = await Promise.all([
      bookinfo("productpage-v1"),
      pod("outsider", { namespace: outside }),
      gatewayIsProgrammed("bookinfo-gateway", fixtures),
    ]);
    const at = (path: string) => ({ url: `http://bookinfo-gateway-istio.${namespace}:80${path}` });
    await expectExchange(outsider, at("/productpage"), productPage());
    for (const path of ["/productpage", "/static/any", "/login", "/logout", "/api/v1/products"]) {
      const served = await servedDuring(pods, fixtures, () => outsider.exchange(at(path), signal));
      expect(served, `requests for ${path}`).toEqual({ "productpage-v1": 1 });
    }
    for (const path of ["/", "/productpage/0", "/reviews/0"]) {
      await expectEvery(outsider, at(path), noRouteAtGateway());
    }
  },
);
