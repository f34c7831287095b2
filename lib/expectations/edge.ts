import { answeredByEnvoy } from "./by-proxy.ts";
import type { Expectation, Refusal } from "./expectation.ts";

/** What a client of a gateway sees for a path or a host that no route of the gateway has. */
export function noRouteAtGateway(): Expectation {
  const refusal: Refusal = { by: "server's proxy", because: "the gateway has no route for it" };
  return { ...answeredByEnvoy("404 by the gateway itself, which has no route for it", 404, /^$/), refusal };
}

/** What a client sees whose VirtualService names a subset that no DestinationRule has. */
export function unknownSubset(): Expectation {
  const refusal: Refusal = { by: "client's proxy", because: "no DestinationRule has the subset" };
  return { ...answeredByEnvoy("503 by the client's own proxy, which does not know the subset", 503, /^$/), refusal };
}

/** What a client of a Gateway API route sees whose backend is in a namespace that does not grant the reference. */
export function referenceNotGranted(): Expectation {
  const refusal: Refusal = { by: "server's proxy", because: "no ReferenceGrant" };
  return {
    ...answeredByEnvoy("500 by the gateway itself, as no ReferenceGrant permits the backend", 500, /^$/),
    refusal,
  };
}

/** What a client of a TLS port sees whose server has no certificate to show. */
export function withoutCertificate(): Expectation {
  return {
    expected: "closed by the gateway, which has no certificate",
    refusal: { by: "server's proxy", because: "no Secret of the credentialName" },
    judge: ({ outcome }) => (["closed", "reset"].includes(outcome) ? undefined : `it ended as \`${outcome}\``),
  };
}
