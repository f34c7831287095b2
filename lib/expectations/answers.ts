import { clientCertificates, echoOf, type Exchange, type SpiffeId } from "../traffic.ts";
import type { Expectation } from "./expectation.ts";

/**
 * Answered with 200 by `vmesh-echo serve`. `identity`: the server's proxy verified this client's certificate, that is
 * mutual TLS with the right peer. `plaintext`: no certificate was presented. `viaEnvoy`: the answer passed a proxy, or none.
 * `by`: the server of this name answered.
 */
export function answered(
  how: ({ identity: SpiffeId } | { plaintext: true }) & { viaEnvoy?: boolean; by?: string },
): Expectation {
  const words = "identity" in how ? `over mutual TLS as \`${how.identity}\`` : "in plaintext";
  const way = how.viaEnvoy === undefined ? "" : how.viaEnvoy ? " through Envoy" : " without Envoy";
  return {
    expected: `answered with 200 ${words}${way}${how.by ? ` by \`${how.by}\`` : ""}`,
    judge(exchange) {
      if (exchange.outcome !== "answered") return `it was not answered but ended as \`${exchange.outcome}\``;
      if (exchange.status !== 200) return `its status is ${exchange.status ?? "absent"}`;
      const echo = echoOf(exchange);
      if (!echo) return "its body is not that of the echo server";
      if (how.by !== undefined && echo.name !== how.by) return `it was answered by \`${echo.name}\``;
      const hops = clientCertificates(echo);
      const seen = hops.at(-1)?.uri;
      if ("identity" in how && seen !== how.identity) return `the server saw the identity \`${seen ?? "none"}\``;
      const header = echo.headers["X-Forwarded-Client-Cert"];
      if ("plaintext" in how && header) return `the server saw the client certificate \`${header.join(", ")}\``;
      const server = exchange.headers["server"]?.at(-1) ?? "";
      const passed = /^(istio-)?envoy$/.test(server);
      if (how.viaEnvoy !== undefined && how.viaEnvoy !== passed)
        return `its server header is \`${server || "absent"}\``;
      return undefined;
    },
  };
}

/** Answered by istiod itself on the path `/version` of its monitoring port. */
export function answeredByIstiod(): Expectation {
  return {
    expected: "answered with 200 and the version of istiod",
    judge(exchange) {
      if (exchange.outcome !== "answered") return `it was not answered but ended as \`${exchange.outcome}\``;
      if (exchange.status !== 200) return `its status is ${exchange.status ?? "absent"}`;
      return /^\S+-\S+-\S+$/.test(exchange.body.trim()) ? undefined : "its body is no version of Istio";
    },
  };
}

/** The first line of the TCP server in the workload of this name, or its answer to a UDP datagram. */
export function greeted(name: string): Expectation {
  return {
    expected: `greeted by \`${name}\``,
    judge(exchange) {
      if (exchange.outcome !== "answered") return `it was not answered but ended as \`${exchange.outcome}\``;
      if (new RegExp(`^Hello from ${name}(: |$)`).test(exchange.body)) return undefined;
      return "its body is not that greeting";
    },
  };
}

/** How many of the exchanges each server answered, by its name. */
export function answersByServer(exchanges: readonly Exchange[]): Record<string, number> {
  const names = exchanges.flatMap((exchange) => echoOf(exchange)?.name ?? []);
  return Object.fromEntries(Object.entries(Object.groupBy(names, (name) => name)).map(([k, v]) => [k, v?.length ?? 0]));
}
