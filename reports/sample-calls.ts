import {
  answered,
  type Expectation,
  forbidden,
  greeted,
  noHealthyUpstream,
  proxyRefusedByNetworkPolicy,
  refusedByNetworkPolicy,
  resetByStrictMtls,
  spiffeId,
  unknownToProxy,
} from "../lib/expectations.ts";
import type { Call, PeerName } from "../lib/calls.ts";
import type { Milestones } from "../lib/milestones.ts";

/** A peer in a sample: with a proxy unless it is said to be plain. */
export function samplePeer(namespace: string, name: string, kind: PeerName["kind"], plain?: true): PeerName {
  return { name, namespace, kind, ...(!plain && { identity: spiffeId(namespace, "default") }) };
}

/** What a sample call comes to. */
type End =
  | "mtls"
  | "plain"
  | "greeted"
  | "reset"
  | "forbidden"
  | "unknown"
  | "unhealthy"
  | "policy"
  | "no-policy"
  | "timeout";

/** A call as fixtures record it. `by` is the name of the server. */
export function sampleCall(from: PeerName, url: string, end: End, by: string, count = 1): Call {
  const identity = from.identity ?? spiffeId(from.namespace, "default");
  const ends: Record<End, { expectation: Expectation; answers?: true; as?: true; unexpected?: string }> = {
    mtls: { expectation: answered({ identity, viaEnvoy: true }), answers: true, as: true },
    plain: { expectation: answered({ plaintext: true }), answers: true },
    greeted: { expectation: greeted(by) },
    reset: { expectation: resetByStrictMtls() },
    forbidden: { expectation: forbidden() },
    unknown: { expectation: unknownToProxy() },
    unhealthy: { expectation: noHealthyUpstream() },
    policy: { expectation: refusedByNetworkPolicy() },
    "no-policy": { expectation: proxyRefusedByNetworkPolicy() },
    timeout: {
      expectation: answered({ identity, viaEnvoy: true }),
      unexpected: "it was not answered but ended as `timeout`; got timeout (context deadline exceeded)",
    },
  };
  const { expectation, answers, as, unexpected } = ends[end];
  const medianMs = 3.4 + ((url.length * 7) % 23);
  return {
    from,
    url,
    count,
    expected: expectation.expected,
    ...(expectation.refusal && { refusal: expectation.refusal }),
    ...(answers && { by }),
    ...(as && { as: identity }),
    ...(unexpected !== undefined && { unexpected }),
    medianMs,
    maxMs: medianMs * 4.2,
  };
}

/** What the workloads of a sample took, a little different for each. */
export function sampleMilestones(peers: readonly PeerName[], pace = 1): Milestones[] {
  return peers.map((peer, index) => {
    const vary = (ms: number) => Math.round(ms * pace * (1 + 0.07 * index));
    const boot = { pod: {}, vmi: { runningMs: vary(9_000) }, vm: { runningMs: vary(66_700) } }[peer.kind];
    const readyMs = { pod: vary(6_200), vmi: vary(31_400), vm: vary(140_600) }[peer.kind];
    const firstMtlsMs = peer.identity ? { firstMtlsMs: readyMs + vary(900) } : {};
    return { ...peer, ...boot, readyMs, ...firstMtlsMs };
  });
}
