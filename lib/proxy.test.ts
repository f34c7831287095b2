import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { expect, test } from "vitest";
import type { Environment } from "./environment.ts";
import type { Kube } from "./kube.ts";
import { parseProxyStatus, parseWorkloadCertificate, podProxy, proxyOf, withoutLog } from "./proxy.ts";

test.each([
  ["2026-01-01T00:00:00.000000Z\twarn\tOS CA Cert could not be found for agent\n{}\n", "{}\n"],
  ["a: 1\n2026-01-01T00:00:00.000000Z\twarn\tb\n", "a: 1\n2026-01-01T00:00:00.000000Z\twarn\tb\n"],
  ["", ""],
])("What pilot-agent logs before an answer is no part of it.", (output, answer) => {
  expect(withoutLog(output)).toBe(answer);
});

test("The workload's certificate is the secret `default`; without it there is an error that shows the answer.", () => {
  const pem = rootCertificates[0] ?? "";
  const chain = { inline_bytes: Buffer.from(pem).toString("base64") };
  const own = { name: "default", secret: { tls_certificate: { certificate_chain: chain } } };
  const dump = JSON.stringify({ configs: [{ name: "ROOTCA", secret: {} }, own] });
  expect(parseWorkloadCertificate(dump).fingerprint256).toBe(new X509Certificate(pem).fingerprint256);
  expect(() => parseWorkloadCertificate('{"configs":[]}')).toThrow(/no workload certificate/);
});

test("Each proxy in the answers of one or more istiods has the state of its four types; others are left out.", () => {
  const prefix = "type.googleapis.com/envoy.config";
  const states = [
    { typeUrl: `${prefix}.cluster.v3.Cluster`, configStatus: "SYNCED" },
    { typeUrl: `${prefix}.endpoint.v3.ClusterLoadAssignment`, configStatus: "SYNCED" },
    { typeUrl: `${prefix}.listener.v3.Listener`, configStatus: "STALE" },
    { typeUrl: `${prefix}.route.v3.RouteConfiguration`, configStatus: "SYNCED" },
    { typeUrl: `${prefix}.core.v3.TypedExtensionConfig`, configStatus: "UNKNOWN" },
  ];
  const answer = (id: string, genericXdsConfigs: object[]) =>
    JSON.stringify({ resources: [{ node: { id }, genericXdsConfigs }] }, null, 4);
  expect(parseProxyStatus(`${answer("a.one", states)}\n${answer("b.two", [])}\n`)).toEqual({
    "a.one": { CDS: "SYNCED", EDS: "SYNCED", LDS: "STALE", RDS: "SYNCED" },
    "b.two": {},
  });
});

test("A counter is asked for by a filter that fits its whole name, and requests are counted while something is done.", async () => {
  const asked: string[] = [];
  let total = 40;
  const exec = async ({ command }: { command: readonly string[] }) => {
    asked.push(decodeURIComponent(command.at(-1) ?? ""));
    const stats = [{ name: "cluster.inbound|8080||;.upstream_rq_total", value: total }];
    return { stdout: JSON.stringify({ stats }), stderr: "", exitCode: 0 };
  };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "server", namespace: "a" } };
  const environment = { timeScale: 1 } as Environment;
  const { signal } = new AbortController();
  const proxy = proxyOf(podProxy(pod, { kube: { exec } as unknown as Kube, timeScale: 1, signal }), {
    environment,
    signal,
  });
  const risen = await proxy.requestsDuring(["inbound|8080||"], async () => void (total += 2));
  expect(risen).toEqual({ "inbound|8080||": 2 });
  expect(asked[0]).toContain("filter=^cluster\\.inbound\\|8080\\|\\|;?\\.upstream_rq_total$");
});
