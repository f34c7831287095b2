import { answersByReviews, reviewsBy, reviewsOfAnyVersion } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "An HTTPRoute on the Service reviews routes a mesh client's requests for jason to v2 and all others to v1.",
    profile: "core",
    tags: ["bookinfo", "routing", "gateway-api"],
    source: "istio-getting-started",
    rows: ["G13"],
    needs: ["istio", "bookinfo", "gateway-api"],
  },
  async ({ apply, applyStep, bookinfo, pod, eventually, expectExchange }) => {
    await apply();
    const [client] = await Promise.all([pod("client"), bookinfo("reviews-v1", "reviews-v2")]);
    const requests = { url: "http://reviews:9080/reviews/0", count: 20, intervalMs: 10 };
    const jasons = { ...requests, headers: { "end-user": "jason" } };
    const bothAnswer = async () => {
      const exchanges = await expectExchange(client, jasons, reviewsOfAnyVersion());
      expect(Object.keys(answersByReviews(exchanges)).toSorted()).toEqual(["v1", "v2"]);
    };
    await eventually("without the route both versions answer", bothAnswer);
    const withdraw = await applyStep("route");
    await expectExchange(client, jasons, reviewsBy("v2"));
    await expectExchange(client, requests, reviewsBy("v1"));
    await expectExchange(client, { ...requests, headers: { "end-user": "anna" } }, reviewsBy("v1"));
    await withdraw();
    await eventually("once the route is gone both versions answer", bothAnswer);
  },
);
