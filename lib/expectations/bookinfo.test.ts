import { describe, expect, test } from "vitest";
import type { Exchange } from "../traffic.ts";
import { answersByReviews, productPage, reviewsBy, reviewsOfAnyVersion } from "./bookinfo.ts";

function answer(body: string, { status = 200, server = "envoy" } = {}): Exchange {
  return { outcome: "answered", status, headers: { server: [server] }, body, ms: 1 };
}

const stars = (color: string) => `<p class="text-${color}-500"><span class="glyphicon glyphicon-star">★</span></p>`;
const page = (version: string, color?: string) =>
  answer(
    `<title>Simple Bookstore App</title><p>jason <a></a></p>${color ? stars(color) : ""}` +
      `<div>Reviews served by: reviews-${version}-7bf8c9648f-n9tmq</div>`,
  );
/** As the sample's own template has it. */
const originalPage = answer(
  `<title>Simple Bookstore App</title><div class="flex text-red-500"><svg id="glyphicon glyphicon-star"></svg></div>` +
    `<div class="mt-0.5 font-mono">Reviews served by: \n     reviews-v3-84779c7bbc-tmzlr\n  </div>`,
);
const reviews = (version: string, rating?: object) =>
  answer(JSON.stringify({ id: "0", podname: `reviews-${version}`, reviews: [{ reviewer: "Reviewer1", rating }] }));

describe("productPage", () => {
  test.each([
    [productPage(), page("v1")],
    [productPage({ reviews: "v1", stars: true, user: "jason" }), page("v1")],
    [productPage({ reviews: "v2", stars: true }), page("v2", "black")],
    [productPage({ reviews: "v3", stars: true }), originalPage],
  ])("is the page, %#.", (expectation, exchange) => {
    expect(expectation.judge(exchange)).toBeUndefined();
  });

  test.each([
    [productPage(), answer("<title>Another</title>"), "its title is not that of the page"],
    [productPage(), answer("", { status: 503 }), "its status is 503"],
    [productPage(), { ...page("v1"), headers: {} }, "its server header is `absent`"],
    [productPage(), { outcome: "reset", error: "", ms: 1 } as const, "it was not answered but ended as `reset`"],
    [productPage({ reviews: "v1" }), page("v2"), "its reviews are of v2"],
    [productPage({ reviews: "v1" }), answer("<title>Simple Bookstore App</title>"), "its reviews are of nobody"],
    [productPage({ reviews: "v2", stars: true }), page("v2"), "its stars are none"],
    [productPage({ reviews: "v1", stars: true }), page("v1", "red"), "its stars are red"],
    [productPage({ user: "anna" }), page("v1"), "it does not name the user `anna`"],
  ])("is not anything else, %#.", (expectation, exchange, wrong) => {
    expect(expectation.judge(exchange)).toBe(wrong);
  });

  test("says what it expects.", () => {
    expect(productPage().expected).toBe("Bookinfo's page through Envoy");
    expect(productPage({ reviews: "v3", stars: true, user: "jason" }).expected).toBe(
      "Bookinfo's page through Envoy with reviews of v3 and their stars, red and the user `jason`",
    );
  });
});

describe("reviewsBy", () => {
  test("is an answer of that version.", () => {
    expect(reviewsBy("v1", { stars: true }).judge(reviews("v1"))).toBeUndefined();
    expect(reviewsBy("v2", { stars: true }).judge(reviews("v2", { stars: 5, color: "black" }))).toBeUndefined();
    expect(reviewsBy("v3").judge(reviews("v3", { error: "unavailable" }))).toBeUndefined();
    expect(reviewsOfAnyVersion().judge(reviews("v3"))).toBeUndefined();
  });

  test.each([
    [reviewsBy("v1"), reviews("v2"), "it was answered by v2"],
    [reviewsBy("v3", { stars: true }), reviews("v3", { error: "unavailable" }), "its stars are none"],
    [reviewsBy("v1"), answer("{cut"), "its body is not that of reviews"],
    [reviewsOfAnyVersion(), answer("[]"), "its body is not that of reviews"],
  ])("is not anything else, %#.", (expectation, exchange, wrong) => {
    expect(expectation.judge(exchange)).toBe(wrong);
  });
});

test("Answers are counted by version, from the page and from reviews alike.", () => {
  const lost: Exchange = { outcome: "timeout", error: "", ms: 1 };
  expect(answersByReviews([page("v1"), reviews("v1"), originalPage, reviews("v2"), lost, answer("x")])).toEqual({
    v1: 2,
    v2: 1,
    v3: 1,
  });
});
