import { answersByReviews, reviewsBy, reviewsOfAnyVersion } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "Subsets alone change nothing, with a VirtualService for subset v1 every answer of reviews is v1's, until it goes.",
    profile: "core",
    tags: ["bookinfo", "routing"],
    source: "istio-getting-started",
    rows: ["G9"],
    needs: ["istio", "bookinfo"],
  },
  async ({ apply, applyStep, bookinfo, pod, eventually, expectExchange }) => {
    await apply();
    const [client] = await Promise.all([pod("client"), bookinfo("reviews-v1", "reviews-v2", "reviews-v3")]);
    // By chance, 20 in a row are v1's once in three thousand million times.
    const requests = { url: "http://reviews:9080/reviews/0", count: 20, intervalMs: 10 };
    const allAnswer = async () => {
      const exchanges = await expectExchange(client, requests, reviewsOfAnyVersion());
      expect(Object.keys(answersByReviews(exchanges)).toSorted()).toEqual(["v1", "v2", "v3"]);
    };
    await eventually("v1, v2 and v3 of reviews answer, as no rule says otherwise", allAnswer);
    const withdraw = await applyStep("all-v1");
    await expectExchange(client, requests, reviewsBy("v1"), { times: 2 });
    await withdraw();
    await eventually("v1, v2 and v3 of reviews answer again", allAnswer);
  },
);
