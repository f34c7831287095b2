import { expect, test } from "vitest";
import type { Kube } from "../kube.ts";
import { callGraph, parseGraph } from "./kiali.ts";

/** As Kiali's API describes it; of what it has, only what names a node. */
const nodes = [
  { id: "1", nodeType: "app", app: "cirros-vmi", workload: "cirros-vmi", namespace: "ns" },
  { id: "2", nodeType: "service", service: "istio-vmi-svc", app: "istio-vmi", namespace: "ns" },
  { id: "3", nodeType: "app", app: "istio-vmi", workload: "istio-vmi", namespace: "ns", parent: "box" },
  { id: "4", nodeType: "service", service: "PassthroughCluster", namespace: "unknown" },
  { id: "5", nodeType: "workload", workload: "job", namespace: "ns" },
  { id: "box", nodeType: "box", app: "istio-vmi", isBox: "app" },
];
const graph = (edges: [string, string][], known: object[] = nodes) =>
  JSON.stringify({
    timestamp: 1,
    graphType: "app",
    elements: {
      nodes: known.map((data) => ({ data })),
      edges: edges.map(([source, target]) => ({ data: { id: `${source}-${target}`, source, target } })),
    },
  });

test("A graph tells who called whom, by app and by Service; a box calls nobody.", () => {
  const text = graph([
    ["1", "2"],
    ["2", "3"],
    ["3", "4"],
    ["5", "2"],
    ["box", "4"],
  ]);
  expect(parseGraph(text)).toEqual([
    { from: "cirros-vmi", to: "istio-vmi-svc" },
    { from: "istio-vmi-svc", to: "istio-vmi" },
    { from: "istio-vmi", to: "PassthroughCluster" },
    { from: "job", to: "istio-vmi-svc" },
  ]);
});

test("A graph without traffic has no calls, however Kiali writes that.", () => {
  expect(parseGraph(graph([], []))).toEqual([]);
  expect(parseGraph('{"elements":{"nodes":null,"edges":null}}')).toEqual([]);
  expect(parseGraph('{"elements":{}}')).toEqual([]);
});

test("What is no graph, a page to log in say, is an error that shows it.", () => {
  expect(() => parseGraph("<html>")).toThrow(expect.objectContaining({ kind: "environment", evidence: "<html>" }));
});

test("Kiali is asked for one namespace, with its Services, for the last minute.", async () => {
  const asked: string[] = [];
  const kube = {
    raw: async (path: string) => {
      asked.push(path);
      return graph([]);
    },
  } satisfies Partial<Kube> as unknown as Kube;
  await callGraph(kube, "ns");
  const { pathname, searchParams } = new URL(asked[0] ?? "", "http://api");
  expect(pathname).toMatch(/\/services\/kiali:20001\/proxy\/kiali\/api\/namespaces\/graph$/);
  expect(Object.fromEntries(searchParams)).toEqual({
    namespaces: "ns",
    graphType: "app",
    duration: "60s",
    injectServiceNodes: "true",
  });
});
