import type { KubeObject } from "./kube.ts";
import { clientCertificates, describeExchange, echoOf } from "./traffic.ts";
import type { Exchange, SpiffeId } from "./traffic.ts";

export { echoOf, spiffeId } from "./traffic.ts";
export type { Exchange, SpiffeId } from "./traffic.ts";

/** Who is expected to refuse an exchange, and what makes it do so. */
export interface Refusal {
  by: "server's proxy" | "client's proxy" | "node" | "host";
  because: string;
}

/** A named outcome of an exchange. */
export interface Expectation {
  /** Completes "the exchange is …". */
  expected: string;
  /** Absent where nobody refuses. */
  refusal?: Refusal;
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

/** What a plaintext client of a workload under STRICT sees: accepted, then reset by the proxy before any answer. */
export function resetByStrictMtls(): Expectation {
  return {
    expected: "reset by the server's proxy, as STRICT mutual TLS does to plaintext",
    refusal: { by: "server's proxy", because: "STRICT mutual TLS" },
    judge: (exchange) => (exchange.outcome === "reset" ? undefined : `it ended as \`${exchange.outcome}\``),
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

/** The host says that nothing listens there: a TCP reset to the first packet, or ICMP's answer to a datagram. */
export function refused(): Expectation {
  return {
    expected: "refused, as by a host where nothing listens",
    refusal: { by: "host", because: "nothing listens" },
    judge: (exchange) => (exchange.outcome === "refused" ? undefined : `it ended as \`${exchange.outcome}\``),
  };
}

/** Accepted and then closed by a proxy that has no destination for it; whether as a reset depends on what it had read. */
export function closedByProxy(): Expectation {
  return {
    expected: "closed by the proxy without an answer",
    refusal: { by: "server's proxy", because: "no destination" },
    judge: ({ outcome }) => (["closed", "reset"].includes(outcome) ? undefined : `it ended as \`${outcome}\``),
  };
}

/** Accepted, and then nothing comes until the client gives up. */
export function unanswered(): Expectation {
  return {
    expected: "left without an answer",
    judge: (exchange) => (exchange.outcome === "timeout" ? undefined : `it ended as \`${exchange.outcome}\``),
  };
}

/** What a client sees that an AuthorizationPolicy refuses: the server's proxy knows who it is and says no. */
export function forbidden(): Expectation {
  const refusal: Refusal = { by: "server's proxy", because: "AuthorizationPolicy" };
  const words = "403 by the server's proxy, as an AuthorizationPolicy refuses";
  return { ...answeredByEnvoy(words, 403, /^RBAC: access denied$/), refusal };
}

/** What an HTTP client sees under REGISTRY_ONLY whose own proxy does not know the destination. */
export function unknownToProxy(): Expectation {
  const words = "502 by the client's own proxy, which does not know the destination";
  return { ...answeredByEnvoy(words, 502, /^$/), refusal: { by: "client's proxy", because: "REGISTRY_ONLY" } };
}

/** What a client sees whose proxy speaks plaintext to a workload under STRICT. */
export function cutOffByStrictMtls(): Expectation {
  const words = "503 by the client's own proxy, as STRICT mutual TLS ended its plaintext connection";
  const refusal: Refusal = { by: "server's proxy", because: "STRICT mutual TLS" };
  return { ...answeredByEnvoy(words, 503, /reset reason: connection termination$/), refusal };
}

/** What a client sees of a port to which the server's proxy cannot connect, as KubeVirt forwards it to no guest. */
export function notForwarded(): Expectation {
  const refusal: Refusal = { by: "host", because: "the port leads to no guest" };
  return { ...failedToConnect("server", "503 by the server's own proxy, as the port leads to no guest"), refusal };
}

const byNetworkPolicy: Refusal = { by: "node", because: "NetworkPolicy" };

/** What a client without a proxy sees of a NetworkPolicy: the node refuses the connection, whoever listens there. */
export function refusedByNetworkPolicy(): Expectation {
  return { ...refused(), expected: "refused by the node, as a NetworkPolicy says", refusal: byNetworkPolicy };
}

/** What a client in the mesh sees of a NetworkPolicy: the node refuses its proxy the connection to the server's. */
export function proxyRefusedByNetworkPolicy(): Expectation {
  const words = "503 by the client's own proxy, as a NetworkPolicy refuses its connection";
  return { ...failedToConnect("client", words), refusal: byNetworkPolicy };
}

/** What a client sees while the Service has no Ready endpoint. */
export function noHealthyUpstream(): Expectation {
  const refusal: Refusal = { by: "client's proxy", because: "no Ready endpoint" };
  const words = "503 by the client's own proxy, as no endpoint is Ready";
  return { ...answeredByEnvoy(words, 503, /^no healthy upstream$/), refusal };
}

/** What a client sees that a VirtualService's fault aborts with this status. */
export function abortedByFault(status: number): Expectation {
  const refusal: Refusal = { by: "client's proxy", because: "a VirtualService's fault" };
  const words = `${status} by the client's own proxy, as the fault says`;
  return { ...answeredByEnvoy(words, status, /^fault filter abort$/), refusal };
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

/** What a TCP client sees under REGISTRY_ONLY that waits for the server to speak: accepted, then closed in silence. */
export function closedUnanswered(): Expectation {
  return {
    expected: "accepted and closed without a word",
    refusal: { by: "client's proxy", because: "REGISTRY_ONLY" },
    judge: (exchange) => (exchange.outcome === "closed" ? undefined : `it ended as \`${exchange.outcome}\``),
  };
}

/** How many of the exchanges each server answered, by its name. */
export function answersByServer(exchanges: readonly Exchange[]): Record<string, number> {
  const names = exchanges.flatMap((exchange) => echoOf(exchange)?.name ?? []);
  return Object.fromEntries(Object.entries(Object.groupBy(names, (name) => name)).map(([k, v]) => [k, v?.length ?? 0]));
}

function answeredByEnvoy(words: string, status: number, body: RegExp): Expectation {
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

/** The proxies of both sides say it in the same words, but an answer from the server's bears the mark of its way. */
function failedToConnect(whose: "client" | "server", words: string): Expectation {
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

/** Whether each container of a pod is ready, by name; a native sidecar is among the init containers. */
export function readiness({ spec, status }: KubeObject): Record<string, boolean> {
  type Containers = { initContainers?: { name: string }[]; containers: { name: string }[] };
  type Statuses = { [list in `${"c" | "initC"}ontainerStatuses`]?: { name: string; ready: boolean }[] };
  const { initContainers = [], containers } = spec as Containers;
  const { initContainerStatuses = [], containerStatuses = [] } = (status ?? {}) as Statuses;
  const ready = [...initContainerStatuses, ...containerStatuses].filter((one) => one.ready).map(({ name }) => name);
  return Object.fromEntries([...initContainers, ...containers].map(({ name }) => [name, ready.includes(name)]));
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
