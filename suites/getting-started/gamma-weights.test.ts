import { type Exchange, answersByReviews, reviewsOfAnyVersion } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "An HTTPRoute on the Service reviews splits a VMI's requests 90 to 10 between a pod and another VMI.",
    profile: "extended",
    tags: ["bookinfo", "routing", "gateway-api", "vmi"],
    source: "istio-getting-started",
    rows: ["C6", "G13", "G16"],
    needs: ["kubevirt", "istio", "istio-cni", "bookinfo", "gateway-api"],
  },
  async ({ apply, bookinfo, vmi, expectExchange, property }) => {
    await apply();
    const [client] = await Promise.all([vmi("client-vmi"), bookinfo("reviews-v1"), vmi("reviews-v3")]);
    if (!client.identity) return expect.unreachable("the client VMI has no proxy");
    const round = { url: "http://reviews:9080/reviews/0", count: 20, intervalMs: 1 };
    const exchanges: Exchange[] = [];
    while (exchanges.length < 200) exchanges.push(...(await expectExchange(client, round, reviewsOfAnyVersion())));
    const { v3 = 0 } = answersByReviews(exchanges);
    property("answers_of_v3", v3);
    // A binomial share, 20 of 200 on average: outside of these bounds three times in ten million runs. Of an even split,
    // as without the route, it would be inside once in 10^15.
    expect(v3, "answers of v3 of 200").toBeGreaterThanOrEqual(3);
    expect(v3, "answers of v3 of 200").toBeLessThanOrEqual(45);
  },
);
