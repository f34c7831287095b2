import { answersByReviews, productPage, readiness, resetByStrictMtls } from "../../lib/expectations.ts";
import { bookinfoDeployments, check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "Bookinfo answers ratings' pod with its page over mutual TLS, and before any rule all versions of reviews do.",
    profile: "core",
    tags: ["bookinfo", "mtls"],
    source: "istio-getting-started",
    rows: ["G3"],
    needs: ["istio", "bookinfo"],
  },
  async ({ apply, bookinfo, unmeshed, pod, kube, eventually, expectExchange, namespace }) => {
    const outside = await unmeshed();
    // With STRICT each hop that answers was mutual TLS.
    await apply();
    const [pods, outsider] = await Promise.all([
      bookinfo(...bookinfoDeployments),
      pod("outsider", { namespace: outside }),
    ]);
    const ratings = pods.find(({ name }) => name === "ratings-v1");
    if (!ratings) return expect.unreachable("Bookinfo has no ratings");
    for (const one of pods) expect(readiness(await one.pod()), one.name).toMatchObject({ "istio-proxy": true });
    const labelSelector = "account";
    const accounts = await kube.list({ apiVersion: "v1", kind: "ServiceAccount", namespace, labelSelector });
    expect(accounts.map(({ metadata }) => metadata.name)).toEqual(
      ["details", "productpage", "ratings", "reviews"].map((service) => `bookinfo-${service}`),
    );

    const url = "http://productpage:9080/productpage";
    await expectExchange(ratings, { url }, productPage());
    const seen = new Set<string>();
    await eventually("v1, v2 and v3 of reviews answer", async () => {
      const exchanges = await expectExchange(ratings, { url, count: 5, intervalMs: 10 }, productPage());
      for (const version of Object.keys(answersByReviews(exchanges))) seen.add(version);
      expect([...seen].toSorted()).toEqual(["v1", "v2", "v3"]);
    });
    // Ratings answer two of them.
    await expectExchange(ratings, { url }, productPage({ reviews: "v2", stars: true }));
    await expectExchange(ratings, { url }, productPage({ reviews: "v3", stars: true }));
    const fromOutside = { url: `http://productpage.${namespace}:9080/productpage` };
    await expectExchange(outsider, fromOutside, resetByStrictMtls(), { times: 2 });
    await expectExchange(ratings, { url }, productPage());
  },
);
