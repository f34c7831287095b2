import { expect, test } from "vitest";
import { callsOf } from "./calls.ts";
import { answered, resetByStrictMtls, spiffeId } from "./expectations.ts";
import type { Peer } from "./peers/peer.ts";
import type { Exchange } from "./traffic.ts";

const identity = spiffeId("shop", "client");
const client = { name: "client", namespace: "shop", kind: "pod", identity } as Peer;
const url = "http://server.shop:8080";

function answer(ms: number, by: string, certificate?: string): Exchange {
  const echo = { greeting: "", remote: "", local: "", proto: "", method: "", path: "", host: "" };
  const headers = certificate ? { "X-Forwarded-Client-Cert": [certificate] } : {};
  const body = JSON.stringify({ ...echo, name: by, headers });
  return { outcome: "answered", status: 200, headers: {}, body, ms };
}

test("Exchanges that ended alike are one call, with the identity that the server saw and the times they took.", () => {
  const certificate = `By=spiffe://x;URI=${identity}`;
  const exchanges = [answer(1, "v1", certificate), answer(9, "v1", certificate), answer(5, "v1", certificate)];
  expect(callsOf(client, url, exchanges, answered({ identity }))).toEqual([
    {
      from: { name: "client", namespace: "shop", kind: "pod", identity },
      url,
      count: 3,
      expected: `answered with 200 over mutual TLS as \`${identity}\``,
      by: "v1",
      as: identity,
      medianMs: 5,
      maxMs: 9,
    },
  ]);
});

test("What each server answered, and what did not end as expected, is a call of its own.", () => {
  const exchanges = [answer(1, "v1"), answer(2, "v2"), { outcome: "timeout", error: "", ms: 3 } as const];
  const calls = callsOf(client, url, exchanges, answered({ plaintext: true }));
  expect(calls.map(({ by, unexpected }) => [by, unexpected])).toEqual([
    ["v1", undefined],
    ["v2", undefined],
    [undefined, "it was not answered but ended as `timeout`; got timeout (no detail)"],
  ]);
});

test("A refusal that was expected tells by whom and why.", () => {
  const [call] = callsOf(client, url, [{ outcome: "reset", error: "", ms: 3 }], resetByStrictMtls());
  expect(call).toMatchObject({ refusal: { by: "server's proxy", because: "STRICT mutual TLS" } });
  expect(call?.unexpected).toBeUndefined();
});
