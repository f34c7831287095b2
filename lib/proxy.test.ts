import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { expect, test } from "vitest";
import { parseWorkloadCertificate, withoutLog } from "./proxy.ts";

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
