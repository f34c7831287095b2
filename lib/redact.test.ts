import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { redacted, redactor } from "./redact.ts";

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const keyLines = privateKey.trim().split("\n");
const base64 = (text: string) => Buffer.from(text).toString("base64");
const base64url = (text: string) => Buffer.from(text).toString("base64url");
const jwt = `${base64url('{"alg":"RS256","kid":"x"}')}.${base64url('{"iss":"cluster","sub":"system"}')}.${"s1g-_".repeat(20)}`;
const wrapped = (text: string) =>
  base64(text)
    .replaceAll(/(.{76})/g, "$1\n")
    .trimEnd();
const kubeconfig = `users:\n- name: admin\n  user:\n    client-key-data: ${base64(privateKey)}\n`;

describe("What looks like a secret is masked", () => {
  test.for([
    ["a private key", `before\n${privateKey}after`, "before\n[masked]\nafter"],
    ["a private key in JSON", JSON.stringify({ key: privateKey, a: 1 }), String.raw`{"key":"[masked]\n","a":1}`],
    ["a key whose beginning was cut away", `${keyLines.slice(9).join("\n")}\nafter`, "[masked]\nafter"],
    [
      "the end of a key after other text",
      `at 12:00:\n${keyLines.slice(9).join("\n")}\nafter`,
      "at 12:00:[masked]\nafter",
    ],
    ["a key whose end was cut away", `before\n${keyLines.slice(0, 9).join("\n")}`, "before\n[masked]"],
    ["a key without an end, before other text", `${keyLines.slice(0, 9).join("\n")}\n- after`, "[masked]- after"],
    ["a key in base64", `key: ${base64(privateKey)} after`, "key: [masked] after"],
    ["a key in base64 behind a path", `/x/${base64(privateKey)} after`, "[masked] after"],
    [
      "a key in base64 of several lines",
      `before:\n${wrapped(`a\n${privateKey}`)}\n- after`,
      "before:\n[masked]\n- after",
    ],
    ["a web token", `token ${jwt}, after`, "token [masked], after"],
    ["a web token in a URL", `GET /?access=${jwt}&b=1`, "GET /?access=[masked]&b=1"],
    ["a web token in base64", `data: ${base64(jwt)} after`, "data: [masked] after"],
    ["a bearer token", "Authorization: Bearer abcdefghij0123456789 after", "Authorization: Bearer [masked] after"],
    ["a name and password", 'authorization: "basic dXNlcjp3b3Jk" after', 'authorization: "basic [masked]" after'],
    ["a token of kubeadm", "join --token abcdef.0123456789abcdef --x", "join --token [masked] --x"],
    ["a token of kubeadm in base64", `x ${base64("token abcdef.0123456789abcdef")} y`, "x [masked] y"],
    ["a key in a kubeconfig", "client-key-data: QUJDREVGR0g=", "client-key-data: [masked]"],
    ["a kubeconfig in base64", `value ${base64(kubeconfig)} after`, "value [masked] after"],
    ["a password", `"password":"hunter2",`, `"password":"[masked]",`],
    ["a password in JSON in JSON", JSON.stringify(`{"password":"hunter2"}`), String.raw`"{\"password\":\"[masked]\"}"`],
    ["a password in a URL", "postgres://me:hunter2@db/x", "postgres://me:[masked]@db/x"],
    ["a key of Envoy's", `{"inline_bytes": "QUJDREVGR0g="}`, `{"inline_bytes": "[masked]"}`],
  ] as const)("%s", ([, text, expected]) => {
    const redact = redactor();
    expect(redact(text)).toBe(expected);
    expect(redact(redact(text))).toBe(expected);
  });
});

test.for([
  '2026-01-01T00:00:00Z Warning FailedMount Pod/p x3: MountVolume.SetUp failed: secret "tls" not found',
  "cluster.outbound|8080||server.shop.svc.cluster.local;.upstream_rq_total: 12",
  "failed to load private key: open /etc/certs/key.pem: no such file or directory",
  "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIQ\n-----END CERTIFICATE-----",
  `${base64("a harmless text of some length, which is nobody's business")} is base64`,
  "spiffe://cluster.local/ns/shop/sa/client sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  "http://server.vmesh-inbound-strict-ab12c.svc:8080/path?x=1 returned 403 RBAC: access denied",
])("What is no secret stays: %s", (text) => {
  expect(redactor()(text)).toBe(text);
});

describe("A known value is masked", () => {
  const value = 'p4ss "w/ör+d" of some length';
  test.for([
    ["as it is", value],
    ["in JSON", JSON.stringify(value)],
    ["in a URL", encodeURIComponent(value)],
    ["in base64", base64(value)],
    ["in base64 after one other character", base64(`x${value}yy`)],
    ["in base64 after two other characters", base64(`xx${value}y`)],
    ["in base64 for URLs", base64url(`user:${value}`)],
  ])("%s", ([, text]) => {
    const result = redactor([value])(`before ${text} after`);
    expect(result).toMatch(/^before .{0,7}\[masked\].{0,6} after$/);
  });

  test("line by line, if it has several of some length", () => {
    expect(redactor(["first line\nsecond line\n}"])("2: second line }\n1: first line")).toBe(
      "2: [masked] }\n1: [masked]",
    );
  });

  test("in part, if it is long: 64 characters betray it", () => {
    const long = Array.from({ length: 40 }, (_, index) => `n${index}`).join("/");
    expect(redactor([long])(`cut: ${long.slice(0, 70)}`)).toBe(`cut: [masked]${long.slice(64, 70)}`);
  });

  test("and a key that is not known beside one that is", () => {
    const known = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    }).privateKey;
    expect(redactor([known])(`${privateKey}between\n${known}end`)).toBe("[masked]\nbetween\n[masked]\nend");
  });

  test("unless it has less than four characters", () => {
    expect(redactor(["abc", ""])("abc")).toBe("abc");
  });
});

test("Texts anywhere in plain data are redacted, names and numbers stay.", () => {
  const data = { at: 1, cases: [{ id: "a/b", failure: { message: `got ${jwt}` } }], none: undefined };
  expect(redacted(data)).toEqual({ at: 1, cases: [{ id: "a/b", failure: { message: "got [masked]" } }] });
});

/** Each repeated up to 1 MB: text that a pattern with overlapping repetitions takes minutes or years for. */
test.for([
  ["one letter", "a"],
  ["beginnings of web tokens", "eyJ-"],
  ["web tokens without an end", "eyJhbGciOiJSUzI1NiJ9."],
  ["beginnings of keys", "-----BEGIN RSA PRIVATE KEY-----"],
  ["beginnings of keys with bodies", "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n"],
  ["ends of keys", "-----END PRIVATE KEY-----\n"],
  ["armour without a name", "-----BEGIN "],
  ["base64 of nothing", `${base64("harmless text of no import at all, over and over")}\n`],
  ["base64 of beginnings", base64("-----BEGIN PRIVATE KEY-----\n")],
  ["names", "password:"],
  ["names and blanks", `bearer ${" ".repeat(50)}token: `],
  ["blanks", " "],
  ["line ends", "\n"],
  ["backslashes", "\\"],
  ["URLs", "://a:"],
  ["full stops", "a."],
  ["known values but for their ends", "known value"],
] as const)("1 MB of %s is redacted within seconds.", { timeout: 20_000 }, ([, piece]) => {
  const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
  const redact = redactor([`${"known value".repeat(4)}!`, privateKey]);
  const started = performance.now();
  redact(`${text}!`);
  // Some 0.3 s on an idle machine; a pattern that is not linear takes more than an hour for such a text.
  expect(performance.now() - started).toBeLessThan(10_000);
});
