import { noRouteAtGateway, productPage } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";
import { servedDuring } from "./served-during.ts";

check(
  {
    title:
      "The ingress gateway passes on the five paths that Bookinfo's VirtualService names, and answers 404 to any other.",
    profile: "core",
    tags: ["bookinfo", "gateway", "routing"],
    source: "istio-getting-started",
    rows: ["G4"],
    needs: ["istio", "bookinfo", "ingress-gateway"],
    // For every host, as the source has it.
    serial: true,
  },
  async (fixtures) => {
    const { unmeshed, apply, bookinfo, gateway, pod, expectExchange, expectEvery, signal } = fixtures;
    const outside = await unmeshed();
    await apply();
    const [pods, outsider, ingress] = await Promise.all([
      bookinfo("productpage-v1"),
      pod("outsider", { namespace: outside }),
      gateway("ingress"),
    ]);
    const at = (path: string) => ({ url: `${ingress.url("http2")}${path}` });
    await expectExchange(outsider, at("/productpage"), productPage());

    for (const path of ["/productpage", "/static/any", "/login", "/logout", "/api/v1/products", "/api/v1/products/0"]) {
      // What the application makes of a path is its own; that it was asked is the gateway's.
      const served = await servedDuring(pods, fixtures, () => outsider.exchange(at(path), signal));
      expect(served, `requests for ${path}`).toEqual({ "productpage-v1": 1 });
    }
    for (const path of ["/", "/health", "/productpage/0", "/login/now", "/reviews/0", "/api/v2/products"]) {
      const served = await servedDuring(pods, fixtures, () => expectEvery(outsider, at(path), noRouteAtGateway()));
      expect(served, `requests for ${path}`).toEqual({ "productpage-v1": 0 });
    }
    await expectExchange(outsider, at("/productpage"), productPage());
  },
);
