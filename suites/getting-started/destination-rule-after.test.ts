import { reviewsBy, unknownSubset } from "../../lib/expectations.ts";
import { check } from "../../lib/test.ts";

check(
  {
    title:
      "A VirtualService whose subset no DestinationRule has yet is answered 503, and routes as soon as one has it.",
    profile: "core",
    tags: ["bookinfo", "routing"],
    source: "istio-getting-started",
    rows: ["G9"],
    needs: ["istio", "bookinfo"],
  },
  async ({ apply, applyStep, bookinfo, pod, expectExchange }) => {
    await apply();
    const [client] = await Promise.all([pod("client"), bookinfo("reviews-v1", "reviews-v2")]);
    const request = { url: "http://reviews:9080/reviews/0" };
    // By chance, 20 in a row are v1's once in a million times.
    const requests = { ...request, count: 20, intervalMs: 10 };

    await expectExchange(client, request, unknownSubset(), { times: 3 });
    const withdraw = await applyStep("subsets");
    await expectExchange(client, requests, reviewsBy("v1"));
    await withdraw();
    await expectExchange(client, request, unknownSubset(), { times: 3 });
    await applyStep("subsets");
    await expectExchange(client, requests, reviewsBy("v1"));
  },
);
