import { describe, expect, test } from "vitest";
import { ExpectationError, answered, assertExchanges, resetByStrictMtls } from "./expectations.ts";
import { parseExchange, spiffeId } from "./traffic.ts";
import type { Exchange } from "./traffic.ts";

const client = spiffeId("a", "client");
const other = spiffeId("a", "other");

function answer(
  certificate: string | undefined,
  change: { status?: number; server?: string | undefined } = {},
): Exchange {
  const { status = 200, server = "envoy" } = "server" in change ? change : { ...change, server: "envoy" };
  const headers = certificate === undefined ? {} : { "X-Forwarded-Client-Cert": [certificate] };
  const common = {
    greeting: "Hello from b",
    name: "b",
    remote: "",
    local: "",
    proto: "",
    method: "",
    path: "",
    host: "",
  };
  const body = JSON.stringify({ ...common, headers });
  return {
    outcome: "answered",
    status,
    headers: "server" in change && !change.server ? {} : { server: [server] },
    body,
    ms: 1,
  };
}

const failed = (["reset", "refused", "timeout", "dns", "unreachable", "closed", "error"] as const).map(
  (outcome): Exchange => ({ outcome, error: "why", ms: 1 }),
);
const outcomes: Record<string, Exchange> = {
  identity: answer(`By=x;URI=${client}`),
  "identity after a forwarded one": answer(`URI=${other},By=x;URI=${client}`),
  "identity claimed by the client, not the last hop": answer(`URI=${client},By=x;URI=${other}`),
  "another identity": answer(`URI=${other}`),
  "a certificate without identity": answer("Hash=ab"),
  plaintext: answer(undefined),
  "identity with 503": answer(`URI=${client}`, { status: 503 }),
  "plaintext with 503": answer(undefined, { status: 503 }),
  "identity without Envoy": answer(`URI=${client}`, { server: undefined }),
  "identity from another server": answer(`URI=${client}`, { server: "nginx" }),
  "identity through Istio's Envoy": answer(`URI=${client}`, { server: "istio-envoy" }),
  "plaintext without Envoy": answer(undefined, { server: undefined }),
  "another body": { outcome: "answered", status: 200, headers: { server: ["envoy"] }, body: "<html>", ms: 1 },
  "no status": { outcome: "answered", headers: {}, body: "Hello", ms: 1 },
  unreadable: parseExchange("garbage"),
  ...Object.fromEntries(failed.map((exchange) => [exchange.outcome, exchange])),
};
const withIdentity = ["identity", "identity after a forwarded one", "identity through Istio's Envoy"];

describe.each([
  {
    expectation: answered({ identity: client }),
    accepts: [...withIdentity, "identity without Envoy", "identity from another server"],
  },
  { expectation: answered({ identity: client, viaEnvoy: true }), accepts: withIdentity },
  { expectation: answered({ plaintext: true }), accepts: ["plaintext", "plaintext without Envoy"] },
  { expectation: answered({ plaintext: true, viaEnvoy: true }), accepts: ["plaintext"] },
  { expectation: resetByStrictMtls(), accepts: ["reset"] },
])("To be $expectation.expected", ({ expectation, accepts }) => {
  test.each(Object.keys(outcomes))("is judged right for: %s.", (name) => {
    const wrong = expectation.judge(outcomes[name]!);
    if (accepts.includes(name)) expect(wrong).toBeUndefined();
    else expect(wrong).toMatch(/^(it|its|the server) .+/);
  });
});

test("The error says between whom, what was expected and what came.", () => {
  expect(() =>
    assertExchanges([outcomes["plaintext"]!], answered({ identity: client }), "pod a/client → http://b"),
  ).toThrow(
    expect.objectContaining({
      name: "ExpectationError",
      message:
        "pod a/client → http://b: expected to be answered with 200 over mutual TLS as " +
        "`spiffe://cluster.local/ns/a/sa/client`, but the server saw the identity `none`. " +
        "Got: answered 200, server header envoy, client certificate seen by the server: none.",
      expected: "answered with 200 over mutual TLS as `spiffe://cluster.local/ns/a/sa/client`",
    }),
  );
});

test("One bad exchange among many is found, and says which it is.", () => {
  const many = [outcomes["reset"]!, outcomes["reset"]!, outcomes["refused"]!];
  expect(() => assertExchanges(many, resetByStrictMtls(), "a → b")).toThrow(
    "a → b (exchange 3 of 3): expected to be reset",
  );
});

test("No exchange is not what was expected.", () => {
  expect(() => assertExchanges([], resetByStrictMtls(), "a → b")).toThrow(ExpectationError);
});

test("Exchanges that are all as expected pass.", () => {
  assertExchanges([outcomes["reset"]!, outcomes["reset"]!], resetByStrictMtls(), "a → b");
});
