import { type Exchange, answersByReviews, reviewsOfAnyVersion } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "Of the requests to reviews that a VirtualService splits 75 to 25, each version gets its share.",
    profile: "extended",
    tags: ["bookinfo", "routing"],
    source: "istio-getting-started",
    rows: ["G11"],
    needs: ["istio", "bookinfo"],
  },
  async ({ apply, bookinfo, pod, expectExchange, property }) => {
    await apply();
    const [client] = await Promise.all([pod("client"), bookinfo("reviews-v1", "reviews-v2")]);
    const round = { url: "http://reviews:9080/reviews/0", count: 40, intervalMs: 1 };
    const exchanges: Exchange[] = [];
    while (exchanges.length < 400) exchanges.push(...(await expectExchange(client, round, reviewsOfAnyVersion())));
    const { v2 = 0 } = answersByReviews(exchanges);
    property("answers_of_v2", v2);
    // Each request draws by itself, so v2 gets a binomial share: 100 of 400 on average. Outside of these bounds it is
    // three times in ten million runs; an even split would be inside twice in a hundred million.
    expect(v2, "answers of v2 of 400").toBeGreaterThanOrEqual(58);
    expect(v2, "answers of v2 of 400").toBeLessThanOrEqual(145);
  },
);
