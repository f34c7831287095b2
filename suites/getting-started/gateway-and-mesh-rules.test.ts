import { productPage } from "../../lib/expectations.ts";
import { check, expect, type Peer } from "../../lib/test.ts";
import { servedDuring } from "./served-during.ts";

check(
  {
    title:
      "A VirtualService of a gateway and one of the mesh hold where they are bound: a client without a proxy sees neither.",
    profile: "core",
    tags: ["bookinfo", "gateway", "routing"],
    source: "istio-getting-started",
    rows: ["G15"],
    needs: ["istio", "bookinfo", "ingress-gateway"],
    // For every host, as the source has it.
    serial: true,
  },
  async (fixtures) => {
    const { unmeshed, apply, bookinfo, gateway, pod, eventually, expectExchange, namespace, signal } = fixtures;
    const outside = await unmeshed();
    await apply();
    const [pods, client, outsider, ingress] = await Promise.all([
      bookinfo("productpage-v1", "productpage-v2"),
      pod("client"),
      pod("outsider", { namespace: outside }),
      gateway("ingress"),
    ]);
    const servedFrom = (from: Peer, base: string, path: string) =>
      servedDuring(pods, fixtures, () => from.exchange({ url: `${base}${path}`, count: 5, intervalMs: 10 }, signal));
    const onlyBy = (name: string) => ({ "productpage-v1": 0, "productpage-v2": 0, [name]: 5 });
    const products = "/api/v1/products";
    const direct = `http://productpage.${namespace}.svc.cluster.local:9080`;
    await expectExchange(outsider, { url: `${ingress.url("http2")}/productpage` }, productPage());
    await eventually("the mesh's rule holds for a client with a proxy", async () =>
      expect(await servedFrom(client, direct, products)).toEqual(onlyBy("productpage-v2")),
    );

    // The gateway's rule is for every path. The source asks why its own requests never reached v2: its pod has no proxy.
    for (const { from, base, path, by } of [
      { from: outsider, base: ingress.url("http2"), path: "/productpage", by: "productpage-v1" },
      { from: outsider, base: ingress.url("http2"), path: products, by: "productpage-v1" },
      { from: outsider, base: direct, path: "/productpage", by: "productpage-v1" },
      { from: outsider, base: direct, path: products, by: "productpage-v1" },
      { from: client, base: direct, path: "/productpage", by: "productpage-v1" },
      { from: client, base: direct, path: products, by: "productpage-v2" },
    ]) {
      expect(await servedFrom(from, base, path), `${from.name} → ${base}${path}`).toEqual(onlyBy(by));
    }
  },
);
