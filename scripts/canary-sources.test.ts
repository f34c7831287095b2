import { expect, test } from "vitest";
import type { KubeObject } from "../lib/kube.ts";
import { inMachineFiles, inSecret } from "./canary-sources.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const key = "-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----\n";

test.for([
  [undefined, { "ca-key.pem": key, "ca-cert.pem": certificate, password: "x" }, ["ca-key.pem", "password"]],
  [undefined, { "both.pem": key + certificate }, ["both.pem"]],
  [
    "bootstrap.kubernetes.io/token",
    { "token-id": "abcdef", "token-secret": "s", "auth-extra-groups": "g" },
    ["token-secret"],
  ],
  [
    "kubernetes.io/service-account-token",
    { token: "t", namespace: "a-long-namespace", "ca.crt": certificate },
    ["token"],
  ],
  [undefined, undefined, []],
] as const)("Of a Secret of type %s with %j the secret keys are %j.", ([type, data, expected]) => {
  const encoded = data && Object.fromEntries(Object.entries(data).map(([name, value]) => [name, base64(value)]));
  const metadata = { name: "s", namespace: "a" };
  const secret: KubeObject = { apiVersion: "v1", kind: "Secret", metadata, type, data: encoded };
  expect(inSecret(secret).map(({ name }) => name)).toEqual(expected.map((each) => `Secret a/s, ${each}`));
});

test("Of a machine's files keys and tokens are secret, certificates and settings are not.", () => {
  const files = {
    "/etc/certs/key.pem": key,
    "/etc/certs/root-cert.pem": certificate,
    "/run/token": "eyJhbGciOiJ9.eyJzdWIiOiJ9.c2ln\n",
    "/etc/ssh/sshd_config": "Port 22\n",
  };
  const printed = Object.entries(files).map(([path, text]) => `${path} ${base64(text)}\n`);
  expect(inMachineFiles("vm", printed.join(""))).toEqual([
    { name: "/etc/certs/key.pem on machine vm", value: key },
    { name: "/run/token on machine vm", value: "eyJhbGciOiJ9.eyJzdWIiOiJ9.c2ln\n" },
  ]);
});
