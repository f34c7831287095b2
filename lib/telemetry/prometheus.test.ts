import { expect, test } from "vitest";
import type { Kube } from "../kube.ts";
import { durationMs, parseTargets, parseVector, promql } from "./prometheus.ts";

const vector = (...result: object[]) => JSON.stringify({ status: "success", data: { resultType: "vector", result } });

test("An answer gives each series its labels and its value, infinite and absent ones included.", () => {
  const values = ["0.2906", "+Inf", "-Inf", "NaN"];
  const text = vector(...values.map((value) => ({ metric: { le: value }, value: [1795878266.763, value] })));
  expect(parseVector(text, "q")).toEqual([
    { labels: { le: "0.2906" }, value: 0.2906 },
    { labels: { le: "+Inf" }, value: Number.POSITIVE_INFINITY },
    { labels: { le: "-Inf" }, value: Number.NEGATIVE_INFINITY },
    { labels: { le: "NaN" }, value: Number.NaN },
  ]);
});

test.each([
  ["<html>", /answer to `up` is no JSON/],
  ['{"status":"error","errorType":"bad_data","error":"parse error"}', /answer to `up` is not as its API says/],
  [JSON.stringify({ status: "success", data: { resultType: "matrix", result: [] } }), /not as its API says/],
  [vector({ metric: {}, value: [1, 2] }), /not as its API says/],
])("What is no such answer is an error that shows it: %s", (text, message) => {
  expect(() => parseVector(text, "up")).toThrow(
    expect.objectContaining({ kind: "environment", message: expect.stringMatching(message), evidence: text }),
  );
});

test("A query goes through the API server to Prometheus' Service, with every character of it.", async () => {
  const asked: string[] = [];
  const kube = {
    raw: async (path: string) => {
      asked.push(path);
      return vector();
    },
  } satisfies Partial<Kube> as unknown as Kube;
  const query = 'sum(rate(x{cluster_name="inbound|8080||"}[30s])) + 1';
  expect(await promql(kube, query)).toEqual([]);
  const url = new URL(asked[0] ?? "", "http://api");
  expect(url.pathname).toBe("/api/v1/namespaces/istio-system/services/prometheus:9090/proxy/api/v1/query");
  expect(url.searchParams.get("query")).toBe(query);
});

test("Targets tell what they are, how they are and how often they are scraped.", () => {
  const target = {
    discoveredLabels: { __address__: "10.244.0.9:15090" },
    labels: { instance: "10.244.0.9:15090", job: "envoy", namespace: "ns", pod: "p" },
    scrapePool: "envoy",
    lastError: "context deadline exceeded",
    health: "down",
    scrapeInterval: "5s",
    scrapeTimeout: "4s",
  };
  const text = JSON.stringify({ status: "success", data: { activeTargets: [target], droppedTargets: [] } });
  const { labels, health, lastError } = target;
  expect(parseTargets(text)).toEqual([{ labels, health, lastError, intervalMs: 5_000 }]);
});

test.each([
  ["5s", 5_000],
  ["1m", 60_000],
  ["1m30s", 90_000],
  ["500ms", 500],
  ["1h", 3_600_000],
])("The duration %s is %i ms.", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test.each(["", "5", "s", "1d", "5 s"])("`%s` is no duration.", (text) => {
  expect(() => durationMs(text)).toThrow("is not a duration");
});
