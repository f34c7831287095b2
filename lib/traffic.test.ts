import { describe, expect, test } from "vitest";
import { clientCertificates, describeExchange, echoOf, parseExchange, parseSpiffeId, spiffeId } from "./traffic.ts";
import type { Echo } from "./traffic.ts";

const client = "spiffe://cluster.local/ns/a/sa/client";
const server = "spiffe://cluster.local/ns/b/sa/server";
const echo: Echo = {
  greeting: "Hello from b",
  name: "b",
  remote: "127.0.0.6:1",
  local: "10.0.0.1:8080",
  proto: "HTTP/1.1",
  method: "GET",
  path: "/",
  host: "b:8080",
  headers: {},
};
const line = (body: unknown) =>
  JSON.stringify({
    outcome: "answered",
    status: 200,
    headers: { server: ["envoy"] },
    body: JSON.stringify(body),
    ms: 1.5,
  });

describe("parseExchange", () => {
  test("reads an answer and what the server saw.", () => {
    const exchange = parseExchange(line(echo));
    expect(exchange).toMatchObject({ outcome: "answered", status: 200, ms: 1.5 });
    expect(echoOf(exchange)).toEqual(echo);
  });

  test.each(["reset", "refused", "timeout", "dns", "unreachable", "closed", "error"])(
    "reads the end `%s`.",
    (outcome) => {
      expect(parseExchange(JSON.stringify({ outcome, error: "why", ms: 2 }))).toEqual({ outcome, error: "why", ms: 2 });
    },
  );

  test.each(["", "[  3.1] eth0: up", '{"outcome":"answered","sta', '{"outcome":"splendid","ms":1}', "null"])(
    "shows a line that is none: %j",
    (text) => {
      expect(parseExchange(text)).toEqual({ outcome: "error", error: `unreadable line: ${text}`, ms: 0 });
    },
  );
});

test.each([["not JSON"], [JSON.stringify({ greeting: "Hello" })]])(
  "A body of something else than the echo server is no echo: %s",
  (body) => {
    expect(echoOf({ outcome: "answered", status: 200, headers: {}, body, ms: 1 })).toBeUndefined();
  },
);

describe("clientCertificates", () => {
  const parse = (...values: string[]) =>
    clientCertificates({ ...echo, headers: { "X-Forwarded-Client-Cert": values } });

  test.each([
    [[], []],
    [[`By=${server};Hash=ab;Subject="";URI=${client}`], [{ by: server, uri: client }]],
    [[`by=${server};uri=${client}`], [{ by: server, uri: client }]],
    [
      [`Hash=ab,By=${server};URI=${client}`],
      [
        { by: undefined, uri: undefined },
        { by: server, uri: client },
      ],
    ],
    [
      [`URI=${server}`, `URI=${client}`],
      [
        { by: undefined, uri: server },
        { by: undefined, uri: client },
      ],
    ],
    [[`By=${server};Subject="CN=a,O=\\"b;c\\"";URI=${client}`], [{ by: server, uri: client }]],
    [[`Subject="URI=${client}";Hash=x`], [{ by: undefined, uri: undefined }]],
    [[`URI=https://example.test;URI=${client}`], [{ by: undefined, uri: client }]],
  ])("of %j are %j.", (values, expected) => {
    expect(parse(...values)).toEqual(expected);
  });

  test("of a request without the header are none.", () => {
    expect(clientCertificates(echo)).toEqual([]);
  });
});

test("An identity is written as Istio does.", () => {
  expect(spiffeId("a", "client")).toBe(client);
  expect(parseSpiffeId(client)).toBe(client);
});

test.each(["", "a", "spiffe://cluster.local/ns/a", "spiffe:///ns/a/sa/b", `${client}/x`, ` ${client}`])(
  "`%s` is no identity.",
  (text) => {
    expect(() => parseSpiffeId(text)).toThrow(expect.objectContaining({ kind: "usage" }));
  },
);

test("An exchange is described by what tells it from others.", () => {
  const withCertificate = { ...echo, headers: { "X-Forwarded-Client-Cert": [`URI=${client}`] } };
  expect(describeExchange(parseExchange(line(withCertificate)))).toBe(
    `answered 200, server header envoy, client certificate seen by the server: URI=${client}`,
  );
  expect(describeExchange(parseExchange(line(echo)))).toContain("client certificate seen by the server: none");
  expect(describeExchange({ outcome: "answered", headers: {}, body: "Hello", ms: 1 })).toBe(
    'answered, server header none, body "Hello"',
  );
  expect(describeExchange({ outcome: "reset", error: "read: connection reset", ms: 1 })).toBe(
    "reset (read: connection reset)",
  );
});
