import { productPage } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";
import { servedDuring } from "./served-during.ts";

check(
  {
    title:
      "A VMI is version v3 of Bookinfo's reviews: a rule sends the page to it, and it asks ratings, over mutual TLS.",
    profile: "core",
    tags: ["bookinfo", "routing", "vmi", "mtls"],
    source: "istio-getting-started",
    rows: ["G16"],
    needs: ["kubevirt", "istio", "istio-cni", "bookinfo"],
  },
  async (fixtures) => {
    const { apply, applyStep, bookinfo, vmi, expectExchange, expectEvery } = fixtures;
    await apply();
    const [pods, reviews] = await Promise.all([
      bookinfo("productpage-v1", "ratings-v1", "reviews-v1"),
      vmi("reviews-v3"),
    ]);
    const ratings = pods.find(({ name }) => name === "ratings-v1");
    if (!ratings || !reviews.identity) return expect.unreachable("there are no ratings, or the VMI has no proxy");
    // By chance, 20 in a row are of one version once in a million times.
    const requests = { url: "http://productpage:9080/productpage", count: 20, intervalMs: 10 };
    const byTheVmi = productPage({ reviews: "v3", stars: true });

    await applyStep("to-v3");
    await expectExchange(ratings, requests, byTheVmi);
    const served = await servedDuring([...pods, reviews], fixtures, () => expectEvery(ratings, requests, byTheVmi));
    expect(served).toEqual({ "productpage-v1": 20, "ratings-v1": 20, "reviews-v1": 0, "reviews-v3": 20 });
    await applyStep("to-v1");
    await expectExchange(ratings, requests, productPage({ reviews: "v1", stars: true }));
  },
);
