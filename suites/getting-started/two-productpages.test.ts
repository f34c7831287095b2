import { productPage } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";
import { servedDuring } from "./served-during.ts";

check(
  {
    title:
      "Rules of a gateway's own namespace, on port 8080 behind the Service's 80, send each path to its productpage.",
    profile: "core",
    tags: ["bookinfo", "gateway", "routing"],
    source: "istio-getting-started",
    rows: ["G15"],
    needs: ["istio", "bookinfo", "ingress-gateway"],
    // For every host, as the source has it.
    serial: true,
  },
  async (fixtures) => {
    const { unmeshed, apply, bookinfo, gateway, pod, expectExchange, signal } = fixtures;
    const outside = await unmeshed();
    await apply();
    const [pods, outsider, ingress] = await Promise.all([
      bookinfo("productpage-v1", "productpage-v2"),
      pod("outsider", { namespace: outside }),
      gateway("ingress"),
    ]);
    const at = (path: string) => ({ url: `${ingress.url("http2")}${path}`, count: 5, intervalMs: 10 });
    await expectExchange(outsider, at("/productpage"), productPage());
    for (const [path, by] of [
      ["/productpage", "productpage-v1"],
      ["/static/any", "productpage-v1"],
      ["/api/v1/products", "productpage-v2"],
      ["/login", "productpage-v2"],
    ] as const) {
      const served = await servedDuring(pods, fixtures, () => outsider.exchange(at(path), signal));
      expect(served, `requests for ${path}`).toEqual({ "productpage-v1": 0, "productpage-v2": 0, [by]: 5 });
    }
  },
);
