import { describe, expect, test } from "vitest";
import {
  ExpectationError,
  abortedByFault,
  answered,
  answeredByProxy,
  answersByServer,
  assertExchanges,
  closedByProxy,
  closedUnanswered,
  cutOffByStrictMtls,
  forbidden,
  greeted,
  noHealthyUpstream,
  notForwarded,
  proxyRefusedByNetworkPolicy,
  readiness,
  redirectedTo,
  refused,
  refusedByNetworkPolicy,
  resetByStrictMtls,
  unanswered,
  unknownToProxy,
} from "./expectations.ts";
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
const ofEnvoy = (status: number, body: string): Exchange & { outcome: "answered" } => {
  return { outcome: "answered", status, headers: { server: ["envoy"] }, body, ms: 1 };
};
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
  greeting: { outcome: "answered", headers: {}, body: "Hello from b", ms: 1 },
  "greeting of a datagram": { outcome: "answered", headers: {}, body: "Hello from b: ping", ms: 1 },
  "greeting of another": { outcome: "answered", headers: {}, body: "Hello from bc", ms: 1 },
  "no destination": { outcome: "answered", status: 503, headers: {}, body: "upstream connect error", ms: 1 },
  "no way to the guest": {
    outcome: "answered",
    status: 503,
    headers: { server: ["istio-envoy"] },
    body: "upstream connect error, retried and the latest reset reason: remote connection failure, delayed connect error: 111",
    ms: 1,
  },
  "no way to the guest, through the client's proxy": {
    outcome: "answered",
    status: 503,
    headers: { server: ["envoy"], "x-envoy-upstream-service-time": ["18"] },
    body: "retried and the latest reset reason: remote connection failure",
    ms: 1,
  },
  "no way to the server's proxy": ofEnvoy(503, "retried and the latest reset reason: remote connection failure"),
  "no way to the server's proxy, with the number of the error": ofEnvoy(
    503,
    "reset reason: remote connection failure, transport failure reason: delayed connect error: 111",
  ),
  "no status": { outcome: "answered", headers: {}, body: "Hello", ms: 1 },
  "403 of a policy": ofEnvoy(403, "RBAC: access denied"),
  "403 of a server": { ...ofEnvoy(403, "RBAC: access denied"), headers: {} },
  "502 without a body": ofEnvoy(502, ""),
  "502 with a body": ofEnvoy(502, "bad gateway"),
  "a connection cut off": ofEnvoy(503, "disconnect. reset reason: connection termination"),
  "a fault": ofEnvoy(418, "fault filter abort"),
  "a redirect": { ...ofEnvoy(301, ""), headers: { server: ["envoy"], location: ["http://b/new"] } },
  "a redirect elsewhere": { ...ofEnvoy(301, ""), headers: { server: ["envoy"], location: ["http://b/old"] } },
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
  { expectation: answered({ identity: client, viaEnvoy: true, by: "b" }), accepts: withIdentity },
  { expectation: answered({ identity: client, viaEnvoy: true, by: "c" }), accepts: [] },
  { expectation: forbidden(), accepts: ["403 of a policy"] },
  { expectation: unknownToProxy(), accepts: ["502 without a body"] },
  { expectation: cutOffByStrictMtls(), accepts: ["a connection cut off"] },
  { expectation: abortedByFault(418), accepts: ["a fault"] },
  { expectation: redirectedTo("http://b/new"), accepts: ["a redirect"] },
  { expectation: closedUnanswered(), accepts: ["closed"] },
  { expectation: resetByStrictMtls(), accepts: ["reset"] },
  { expectation: greeted("b"), accepts: ["greeting", "greeting of a datagram"] },
  { expectation: answeredByProxy({ status: 503, body: /^upstream connect error$/ }), accepts: ["no destination"] },
  { expectation: answeredByProxy({ status: 200, body: /html/ }), accepts: ["another body"] },
  { expectation: refused(), accepts: ["refused"] },
  { expectation: notForwarded(), accepts: ["no way to the guest", "no way to the guest, through the client's proxy"] },
  {
    expectation: proxyRefusedByNetworkPolicy(),
    accepts: ["no way to the server's proxy", "no way to the server's proxy, with the number of the error"],
  },
  { expectation: refusedByNetworkPolicy(), accepts: ["refused"] },
  { expectation: closedByProxy(), accepts: ["reset", "closed"] },
  { expectation: unanswered(), accepts: ["timeout"] },
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

test("The answers of each server are counted.", () => {
  const exchanges = [outcomes["plaintext"]!, outcomes["identity"]!, outcomes["reset"]!, outcomes["another body"]!];
  expect(answersByServer(exchanges)).toEqual({ b: 2 });
});

test("Without Envoy means that no proxy wrote the server header.", () => {
  const { judge } = answered({ plaintext: true, viaEnvoy: false });
  expect(judge(answer(undefined, { server: undefined }))).toBeUndefined();
  expect(judge(answer(undefined))).toMatch(/server header is `envoy`/);
});

test("No healthy upstream is the proxy's own 503, not one for a connection that was refused.", () => {
  const by = (body: string) =>
    parseExchange(JSON.stringify({ outcome: "answered", status: 503, headers: { server: ["envoy"] }, body, ms: 1 }));
  const { judge } = noHealthyUpstream();
  expect(judge(by("no healthy upstream"))).toBeUndefined();
  expect(judge(by("upstream connect error or disconnect/reset before headers"))).toMatch(/its body/);
});

test("A container without a status yet is not ready; a native sidecar counts as any other.", () => {
  const spec = { initContainers: [{ name: "istio-proxy" }], containers: [{ name: "compute" }] };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec };
  expect(readiness(pod)).toEqual({ "istio-proxy": false, compute: false });
  const status = { initContainerStatuses: [{ name: "istio-proxy", ready: true }] };
  expect(readiness({ ...pod, status })).toEqual({ "istio-proxy": true, compute: false });
});
