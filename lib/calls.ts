import type { Expectation, Refusal } from "./expectations.ts";
import type { Peer } from "./peers/peer.ts";
import { clientCertificates, describeExchange, echoOf, type Exchange, type SpiffeId } from "./traffic.ts";

/** A peer as a report names it. */
export interface PeerName {
  name: string;
  namespace: string;
  kind: Peer["kind"];
  /** Absent outside the mesh. */
  identity?: SpiffeId | undefined;
}

export function peerName({ name, namespace, kind, identity }: Peer): PeerName {
  return { name, namespace, kind, identity };
}

/** Whom a peer calls; a `host` is outside cluster and mesh. */
export interface Destination extends Omit<PeerName, "kind"> {
  kind: PeerName["kind"] | "host";
}

/** Requests of one peer to one place that ended alike. */
export interface Call {
  from: PeerName;
  url: string;
  /** The peer that answered or was asked, where the check knows it. */
  to?: Destination | undefined;
  /** How often. */
  count: number;
  /** What a check expected, completing "the exchange is …". */
  expected: string;
  /** How they ended instead; absent if as expected. */
  unexpected?: string | undefined;
  /** Name of the server that answered, if one of ours did. */
  by?: string | undefined;
  /** The client's identity as the server's proxy verified it; absent in plaintext. */
  as?: SpiffeId | undefined;
  /** Who refused it and why; absent if nobody was expected to. */
  refusal?: Refusal | undefined;
  /** Median and longest time of a request, milliseconds. */
  medianMs: number;
  maxMs: number;
}

/** The exchanges of one request in the words of a report, those that ended alike as one. */
export function callsOf(
  from: Peer,
  url: string,
  exchanges: readonly Exchange[],
  expectation: Pick<Expectation, "expected" | "judge" | "refusal">,
): Call[] {
  const { expected, refusal } = expectation;
  const ends = exchanges.map((exchange) => ({ ms: exchange.ms, ...endOf(exchange, expectation) }));
  const alike = Map.groupBy(ends, ({ by, as, unexpected }) => JSON.stringify([by, as, unexpected]));
  return [...alike.values()].map((group) => {
    const times = group.map(({ ms }) => ms).toSorted((a, b) => a - b);
    const { ms: _, ...end } = group[0] ?? { ms: 0 };
    return {
      from: peerName(from),
      url,
      count: group.length,
      expected,
      ...(refusal && { refusal }),
      ...end,
      medianMs: times[Math.floor(times.length / 2)] ?? 0,
      maxMs: times.at(-1) ?? 0,
    };
  });
}

function endOf(exchange: Exchange, { judge }: Pick<Expectation, "judge">): Pick<Call, "by" | "as" | "unexpected"> {
  const echo = echoOf(exchange);
  const as = echo && clientCertificates(echo).at(-1)?.uri;
  const wrong = judge(exchange);
  return {
    ...(echo && { by: echo.name }),
    ...(as && { as }),
    ...(wrong !== undefined && { unexpected: `${wrong}; got ${describeExchange(exchange)}`.slice(0, 500) }),
  };
}
