import { expect, test } from "vitest";
import { sampleCall, samplePeer } from "../sample-calls.ts";
import { sampleRun } from "../sample-run.ts";
import { edgesOf, endOf, wayOf } from "./edges.ts";

const pod = samplePeer("shop", "client", "pod");
const vmi = samplePeer("shop", "istio-vmi", "vmi");
const url = "http://istio-vmi.shop:8080";

test.for([
  ["mtls", "mtls"],
  ["plain", "plain"],
  ["greeted", "unseen"],
  ["reset", "refused"],
  ["timeout", "unexpected"],
] as const)("A call that ends as `%s` is drawn as `%s`.", ([end, way]) => {
  expect(wayOf(sampleCall(pod, url, end, "istio-vmi"))).toBe(way);
});

test("Calls of the same kinds that end alike are one edge, whatever check they belong to.", () => {
  const one = {
    calls: [sampleCall(pod, url, "mtls", "istio-vmi", 3), sampleCall(pod, url, "reset", "")],
    milestones: [{ ...vmi }],
  };
  const other = {
    calls: [sampleCall(samplePeer("other", "x", "pod"), url, "mtls", "istio-vmi", 4)],
    milestones: [{ ...vmi }],
  };
  const edges = edgesOf([one, other]);
  expect(edges).toMatchObject([
    { from: "mesh-pod", to: "mesh-vmi", way: "mtls", count: 7, checks: new Set([0, 1]) },
    { way: "refused", layer: "server's proxy", because: "STRICT mutual TLS", count: 1, checks: new Set([0]) },
  ]);
  expect([...(edges[0]?.identities ?? [])]).toEqual([pod.identity, "spiffe://cluster.local/ns/other/sa/default"]);
  expect(edges.map(endOf)).toEqual(["mutual TLS", "STRICT mutual TLS"]);
});

test("Who is refused for two reasons, or by two layers, has two edges.", () => {
  const calls = (["forbidden", "reset", "no-policy", "unhealthy"] as const).map((end) => sampleCall(pod, url, end, ""));
  expect(edgesOf([{ calls, milestones: [{ ...vmi }] }]).map(({ layer, because }) => `${layer}: ${because}`)).toEqual([
    "client's proxy: no Ready endpoint",
    "node: NetworkPolicy",
    "server's proxy: AuthorizationPolicy",
    "server's proxy: STRICT mutual TLS",
  ]);
});

test("No request of a run is lost on the way to its edges.", () => {
  const { cases } = sampleRun();
  const sent = cases.flatMap(({ calls }) => calls).reduce((sum, { count }) => sum + count, 0);
  expect(sent).toBeGreaterThan(500);
  expect(edgesOf(cases).reduce((sum, { count }) => sum + count, 0)).toBe(sent);
});
