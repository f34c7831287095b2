import { answeredByEnvoy, failedToConnect } from "./by-proxy.ts";
import type { Expectation, Refusal } from "./expectation.ts";

/** What a plaintext client of a workload under STRICT sees: accepted, then reset by the proxy before any answer. */
export function resetByStrictMtls(): Expectation {
  return {
    expected: "reset by the server's proxy, as STRICT mutual TLS does to plaintext",
    refusal: { by: "server's proxy", because: "STRICT mutual TLS" },
    judge: (exchange) => (exchange.outcome === "reset" ? undefined : `it ended as \`${exchange.outcome}\``),
  };
}

/** What a client sees whose proxy speaks plaintext to a workload under STRICT. */
export function cutOffByStrictMtls(): Expectation {
  const words = "503 by the client's own proxy, as STRICT mutual TLS ended its plaintext connection";
  const refusal: Refusal = { by: "server's proxy", because: "STRICT mutual TLS" };
  return { ...answeredByEnvoy(words, 503, /reset reason: connection termination$/), refusal };
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

/** What a TCP client sees under REGISTRY_ONLY that waits for the server to speak: accepted, then closed in silence. */
export function closedUnanswered(): Expectation {
  return {
    expected: "accepted and closed without a word",
    refusal: { by: "client's proxy", because: "REGISTRY_ONLY" },
    judge: (exchange) => (exchange.outcome === "closed" ? undefined : `it ended as \`${exchange.outcome}\``),
  };
}

/** What a client sees of a port to which the server's proxy cannot connect, as KubeVirt forwards it to no guest. */
export function notForwarded(): Expectation {
  const refusal: Refusal = { by: "host", because: "the port leads to no guest" };
  return { ...failedToConnect("server", "503 by the server's own proxy, as the port leads to no guest"), refusal };
}

/** What a client sees of a workload in the mesh that does not listen where its Service leads. */
export function notListening(): Expectation {
  const refusal: Refusal = { by: "host", because: "nothing listens" };
  return { ...failedToConnect("server", "503 by the server's own proxy, as nothing listens behind it"), refusal };
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
