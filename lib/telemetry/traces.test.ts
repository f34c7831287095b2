import { expect, test } from "vitest";
import type { Kube } from "../kube.ts";
import { parseTrace, spansOf, traceIdOf } from "./traces.ts";

/** As Jaeger 1.76 answered, cut down to one attribute of a kind. */
const resourceSpans = (service: string, span: object) => ({
  resource: { attributes: [{ key: "service.name", value: { stringValue: service } }] },
  scopeSpans: [{ scope: {}, spans: [{ traceId: "83d642ae380bd0eb9122a8315e7a48c1", ...span }] }],
});
const times = { startTimeUnixNano: "1795878208607368000", endTimeUnixNano: "1795878211765102000" };
const client = {
  ...times,
  spanId: "9122a8315e7a48c1",
  name: "istio-vmi.ns.svc.cluster.local:8080/*",
  kind: 3,
  attributes: [
    { key: "http.status_code", value: { stringValue: "200" } },
    { key: "error", value: { boolValue: false } },
  ],
  events: [{ timeUnixNano: "1795878211765324000", name: "cr" }],
  status: {},
};
const server = { ...client, spanId: "e497d58b043e6c07", parentSpanId: "9122a8315e7a48c1", kind: 2, attributes: [] };
const answer = (...spans: object[]) => JSON.stringify({ result: { resourceSpans: spans } });

test("A trace gives its spans with service, parent, kind, attributes and length.", () => {
  const text = answer(resourceSpans("istio-vmi.ns", server), resourceSpans("client-vmi.ns", client));
  const { name } = client;
  expect(parseTrace(text)).toEqual([
    {
      id: server.spanId,
      parent: client.spanId,
      service: "istio-vmi.ns",
      name,
      kind: "server",
      attributes: {},
      ms: 3157.734,
    },
    {
      id: client.spanId,
      service: "client-vmi.ns",
      name,
      kind: "client",
      attributes: { "http.status_code": "200", error: "false" },
      ms: 3157.734,
    },
  ]);
});

test.each([
  ["SPAN_KIND_CLIENT", "client"],
  ["SPAN_KIND_SERVER", "server"],
  [1, "other"],
  [undefined, "other"],
])("The kind %s is that of a %s.", (kind, expected) => {
  expect(parseTrace(answer(resourceSpans("a", { ...client, kind })))[0]?.kind).toBe(expected);
});

test("A trace that Jaeger does not know has no spans.", async () => {
  const asked: string[] = [];
  const kube = {
    rawOrNone: async (path: string) => void asked.push(path),
  } as unknown as Kube;
  expect(await spansOf(kube, "abc")).toEqual([]);
  expect(asked).toEqual(["/api/v1/namespaces/istio-system/services/tracing:80/proxy/jaeger/api/v3/traces/abc"]);
});

test("What is no trace is an error that shows it.", () => {
  expect(() => parseTrace('{"error":{"httpCode":500}}')).toThrow(
    expect.objectContaining({ kind: "environment", evidence: '{"error":{"httpCode":500}}' }),
  );
});

const id = "83d642ae380bd0eb9122a8315e7a48c1";
test.each([
  [{ "X-B3-Traceid": [id], "X-B3-Sampled": ["1"] }, id],
  [{ Traceparent: [`00-${id}-9122a8315e7a48c1-01`] }, id],
  [{ Traceparent: ["nonsense"] }, undefined],
  [{}, undefined],
])("A request with the headers %j belongs to the trace %s.", (headers, expected) => {
  expect(traceIdOf({ headers } as Parameters<typeof traceIdOf>[0])).toBe(expected);
});
