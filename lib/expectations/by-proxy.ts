import { echoOf } from "../traffic.ts";
import type { Expectation } from "./expectation.ts";

/** Answered by a proxy or its agent out of itself: with this status and body, and not by `vmesh-echo serve` behind it. */
export function answeredByProxy({ status, body }: { status: number; body: RegExp }): Expectation {
  return {
    expected: `answered with ${status} by the proxy itself`,
    judge(exchange) {
      if (exchange.outcome !== "answered") return `it was not answered but ended as \`${exchange.outcome}\``;
      const echo = echoOf(exchange);
      if (echo) return `it was answered by the server \`${echo.name}\``;
      if (exchange.status !== status) return `its status is ${exchange.status ?? "absent"}`;
      return body.test(exchange.body) ? undefined : `its body does not match \`${body}\``;
    },
  };
}

/** As `answeredByProxy`, by a proxy whose `server` header says that it is Envoy. */
export function answeredByEnvoy(words: string, status: number, body: RegExp): Expectation {
  const byProxy = answeredByProxy({ status, body });
  return {
    expected: `answered with ${words}`,
    judge(exchange) {
      const wrong = byProxy.judge(exchange);
      if (wrong !== undefined || exchange.outcome !== "answered") return wrong;
      const server = exchange.headers["server"]?.at(-1) ?? "";
      return /^(istio-)?envoy$/.test(server) ? undefined : `its server header is \`${server || "absent"}\``;
    },
  };
}

/** Redirected to this URL by a VirtualService. */
export function redirectedTo(url: string): Expectation {
  const { expected, judge } = answeredByEnvoy(`a redirect to ${url} by the client's own proxy`, 301, /^$/);
  return {
    expected,
    judge(exchange) {
      const wrong = judge(exchange);
      if (wrong !== undefined || exchange.outcome !== "answered") return wrong;
      const location = exchange.headers["location"]?.at(-1);
      return location === url ? undefined : `its location header is \`${location ?? "absent"}\``;
    },
  };
}

/** The proxies of both sides say it in the same words, but an answer from the server's bears the mark of its way. */
export function failedToConnect(whose: "client" | "server", words: string): Expectation {
  // Some builds of Envoy add the number of the error.
  const body = /reset reason: remote connection failure(, .*delayed connect error: 111)?$/;
  const { expected, judge } = answeredByEnvoy(words, 503, body);
  return {
    expected,
    judge(exchange) {
      const wrong = judge(exchange);
      if (wrong !== undefined || exchange.outcome !== "answered") return wrong;
      const { server = [], "x-envoy-upstream-service-time": upstream } = exchange.headers;
      const by = upstream || server.includes("istio-envoy") ? "server" : "client";
      return by === whose ? undefined : `it is the ${by}'s proxy that could not connect`;
    },
  };
}
