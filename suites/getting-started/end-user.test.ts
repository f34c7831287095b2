import { productPage, reviewsBy } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "Who logs in to Bookinfo as jason gets reviews of v2, and anybody else, logged in or not, those of v1.",
    profile: "core",
    tags: ["bookinfo", "routing"],
    source: "istio-getting-started",
    rows: ["G10"],
    needs: ["istio", "bookinfo"],
  },
  async ({ apply, bookinfo, pod, expectExchange, signal }) => {
    await apply();
    const [client] = await Promise.all([pod("client"), bookinfo("productpage-v1", "reviews-v1", "reviews-v2")]);
    const page = { url: "http://productpage:9080/productpage" };
    const series = { count: 10, intervalMs: 10 };
    const logIn = async (user: string): Promise<string> => {
      const form = { url: "http://productpage:9080/login", data: `username=${user}&passwd=` };
      const [exchange] = await client.exchange({ ...form, headers: { referer: page.url } }, signal);
      expect(exchange, `the login of ${user}`).toMatchObject({ outcome: "answered", status: 302 });
      const cookies = exchange?.outcome === "answered" ? (exchange.headers["set-cookie"] ?? []) : [];
      const session = cookies.map((cookie) => cookie.split(";")[0] ?? "").find((one) => one.startsWith("session="));
      if (session === undefined) return expect.unreachable(`the login of ${user} began no session`);
      return session;
    };

    await expectExchange(client, { ...page, ...series }, productPage({ reviews: "v1" }));
    for (const [user, version] of [
      ["jason", "v2"],
      ["anna", "v1"],
      ["jason", "v2"],
    ] as const) {
      const headers = { cookie: await logIn(user) };
      await expectExchange(client, { ...page, ...series, headers }, productPage({ reviews: version, user }));
    }
    // The header is the application's to add: a client's own does not get past the page. The mesh goes by it alone.
    const headers = { "end-user": "jason" };
    await expectExchange(client, { ...page, ...series, headers }, productPage({ reviews: "v1" }));
    const reviews = { url: "http://reviews:9080/reviews/0", ...series };
    await expectExchange(client, { ...reviews, headers }, reviewsBy("v2"));
    await expectExchange(client, { ...reviews, headers: { "end-user": "anna" } }, reviewsBy("v1"));
    await expectExchange(client, { ...page, ...series }, productPage({ reviews: "v1" }));
  },
);
