import { z } from "zod";
import type { Exchange } from "../traffic.ts";
import type { Expectation } from "./expectation.ts";

/** Which of Bookinfo's reviews: v1 without stars, v2 with black ones, v3 with red ones. */
export type ReviewsVersion = "v1" | "v2" | "v3";

const colors: Record<ReviewsVersion, string | undefined> = { v1: undefined, v2: "black", v3: "red" };

const reviewsAnswer = z.object({
  podname: z.string(),
  reviews: z.array(
    z.object({ rating: z.object({ color: z.string().optional(), error: z.string().optional() }).optional() }),
  ),
});

/**
 * Bookinfo's page through a proxy. `reviews`: with reviews of this version, or of any. `stars`: they have the stars of
 * that version, for which ratings must have answered. `user`: this one is logged in.
 */
export function productPage(how: { reviews?: ReviewsVersion; stars?: true; user?: string } = {}): Expectation {
  const { reviews, stars, user } = how;
  const details = [
    reviews && `reviews of ${reviews}${stars ? ` and their stars, ${colors[reviews] ?? "none"}` : ""}`,
    user && `the user \`${user}\``,
  ].filter(Boolean);
  return {
    expected: ["Bookinfo's page through Envoy", details.join(" and ")].filter(Boolean).join(" with "),
    judge(exchange) {
      const wrong = throughEnvoy(exchange);
      if (wrong !== undefined || exchange.outcome !== "answered") return wrong;
      const { body } = exchange;
      if (!body.includes("<title>Simple Bookstore App</title>")) return "its title is not that of the page";
      const version = versionOnPage(body);
      if (reviews !== undefined && version !== reviews) return `its reviews are of ${version ?? "nobody"}`;
      if (reviews !== undefined && stars && colorOnPage(body) !== colors[reviews]) {
        return `its stars are ${colorOnPage(body) ?? "none"}`;
      }
      if (user !== undefined && !body.includes(`>${user}`)) return `it does not name the user \`${user}\``;
      return undefined;
    },
  };
}

/** An answer of Bookinfo's reviews, asked directly, through a proxy. `stars`: with those of the version. */
export function reviewsBy(version: ReviewsVersion, { stars }: { stars?: true } = {}): Expectation {
  return {
    expected: `reviews of ${version}${stars ? ` with their stars, ${colors[version] ?? "none"}` : ""} through Envoy`,
    judge(exchange) {
      const wrong = throughEnvoy(exchange);
      if (wrong !== undefined) return wrong;
      const answer = reviewsIn(exchange);
      if (!answer) return "its body is not that of reviews";
      const seen = versionOf(answer.podname);
      if (seen !== version) return `it was answered by ${seen ?? answer.podname}`;
      const color = answer.reviews[0]?.rating?.color;
      return stars && color !== colors[version] ? `its stars are ${color ?? "none"}` : undefined;
    },
  };
}

/** An answer of Bookinfo's reviews of whatever version, through a proxy. */
export function reviewsOfAnyVersion(): Expectation {
  return {
    expected: "reviews of some version through Envoy",
    judge: (exchange) =>
      throughEnvoy(exchange) ?? (reviewsIn(exchange) ? undefined : "its body is not that of reviews"),
  };
}

/** How many of the exchanges each version of reviews answered, asked directly or through the page. */
export function answersByReviews(exchanges: readonly Exchange[]): Partial<Record<ReviewsVersion, number>> {
  const counts: Partial<Record<ReviewsVersion, number>> = {};
  for (const exchange of exchanges) {
    const body = exchange.outcome === "answered" ? exchange.body : "";
    const version = versionOf(reviewsIn(exchange)?.podname ?? "") ?? versionOnPage(body);
    if (version) counts[version] = (counts[version] ?? 0) + 1;
  }
  return counts;
}

function throughEnvoy(exchange: Exchange): string | undefined {
  if (exchange.outcome !== "answered") return `it was not answered but ended as \`${exchange.outcome}\``;
  if (exchange.status !== 200) return `its status is ${exchange.status ?? "absent"}`;
  const server = exchange.headers["server"]?.at(-1) ?? "";
  return /^(istio-)?envoy$/.test(server) ? undefined : `its server header is \`${server || "absent"}\``;
}

function reviewsIn(exchange: Exchange): z.infer<typeof reviewsAnswer> | undefined {
  if (exchange.outcome !== "answered" || !exchange.body.startsWith("{")) return undefined;
  try {
    return reviewsAnswer.safeParse(JSON.parse(exchange.body)).data;
  } catch {
    return undefined; // cut off, or no JSON after all
  }
}

/** The sample's pages of all versions name the pod behind these words, some within further elements. */
function versionOnPage(body: string): ReviewsVersion | undefined {
  return versionOf(/Reviews served by:\s*(?:<[^>]*>\s*)*([\w-]+)/.exec(body)?.[1] ?? "");
}

function colorOnPage(body: string): string | undefined {
  return /class="[^"]*text-(black|red)-500[^"]*"[^]*?glyphicon-star/.exec(body)?.[1];
}

function versionOf(podName: string): ReviewsVersion | undefined {
  return /^reviews-(v[123])(-|$)/.exec(podName)?.[1] as ReviewsVersion | undefined;
}
