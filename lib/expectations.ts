import { clientCertificates, describeExchange, echoOf } from "./traffic.ts";
import type { Exchange, SpiffeId } from "./traffic.ts";

export { spiffeId } from "./traffic.ts";
export type { Exchange, SpiffeId } from "./traffic.ts";

/** A named outcome of an exchange. */
export interface Expectation {
  /** Completes "the exchange is …". */
  expected: string;
  /** What is wrong with the exchange, `undefined` if it is as expected. */
  judge(exchange: Exchange): string | undefined;
}

/** The product did something else than a check expects: a failure, not a fault of the harness. */
export class ExpectationError extends Error {
  readonly expected: string;
  readonly actual: string;

  constructor(message: string, details: { expected: string; actual: string; cause?: unknown }) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "ExpectationError";
    this.expected = details.expected;
    this.actual = details.actual;
  }
}

/**
 * Answered with 200 by `vmesh-echo serve`. `identity`: the server's proxy verified this client's certificate, that is
 * mutual TLS with the right peer. `plaintext`: no certificate was presented. `viaEnvoy`: the answer passed a proxy.
 */
export function answered(
  how: { identity: SpiffeId; viaEnvoy?: true } | { plaintext: true; viaEnvoy?: true },
): Expectation {
  const words = "identity" in how ? `over mutual TLS as \`${how.identity}\`` : "in plaintext";
  return {
    expected: `answered with 200 ${words}${how.viaEnvoy ? " through Envoy" : ""}`,
    judge(exchange) {
      if (exchange.outcome !== "answered") return `it was not answered but ended as \`${exchange.outcome}\``;
      if (exchange.status !== 200) return `its status is ${exchange.status ?? "absent"}`;
      const echo = echoOf(exchange);
      if (!echo) return "its body is not that of the echo server";
      const hops = clientCertificates(echo);
      const seen = hops.at(-1)?.uri;
      if ("identity" in how && seen !== how.identity) return `the server saw the identity \`${seen ?? "none"}\``;
      const header = echo.headers["X-Forwarded-Client-Cert"];
      if ("plaintext" in how && header) return `the server saw the client certificate \`${header.join(", ")}\``;
      const server = exchange.headers["server"]?.at(-1) ?? "";
      if (how.viaEnvoy && !/^(istio-)?envoy$/.test(server)) return `its server header is \`${server || "absent"}\``;
      return undefined;
    },
  };
}

/** What a plaintext client of a workload under STRICT sees: accepted, then reset by the proxy before any answer. */
export function resetByStrictMtls(): Expectation {
  return {
    expected: "reset by the server's proxy, as STRICT mutual TLS does to plaintext",
    judge: (exchange) => (exchange.outcome === "reset" ? undefined : `it ended as \`${exchange.outcome}\``),
  };
}

/** Throws an `ExpectationError` for the first of the exchanges that is not as expected, or if there is none. */
export function assertExchanges(exchanges: readonly Exchange[], expectation: Expectation, between: string): void {
  const { expected } = expectation;
  if (exchanges.length === 0) {
    const message = `${between}: expected to be ${expected}, but there was no exchange at all.`;
    throw new ExpectationError(message, { expected, actual: "no exchange" });
  }
  for (const [index, exchange] of exchanges.entries()) {
    const wrong = expectation.judge(exchange);
    if (wrong === undefined) continue;
    const which = exchanges.length > 1 ? ` (exchange ${index + 1} of ${exchanges.length})` : "";
    const actual = describeExchange(exchange);
    throw new ExpectationError(`${between}${which}: expected to be ${expected}, but ${wrong}. Got: ${actual}.`, {
      expected,
      actual,
    });
  }
}
