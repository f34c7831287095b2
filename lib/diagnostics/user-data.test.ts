import { expect, test } from "vitest";
import type { KubeObject } from "../kube.ts";
import { readsSecrets, secretsIn, userDataOf } from "./user-data.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const guest = (spec: object, annotations: Record<string, string> = {}): KubeObject => ({
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachineInstance",
  metadata: { name: "g", annotations },
  spec: spec as Record<string, unknown>,
});
const volume = (source: object) => guest({ volumes: [{ name: "v", ...source }] });

test.for([
  ["user-data", volume({ cloudInitNoCloud: { userData: "u" } }), ["u"]],
  ["user-data in base64", volume({ cloudInitConfigDrive: { userDataBase64: base64("ü") } }), ["ü"]],
  ["network data", volume({ cloudInitNoCloud: { networkData: "n", networkDataBase64: base64("m") } }), ["n", "m"]],
  ["a configuration for Ignition", guest({}, { "kubevirt.io/ignitiondata": "i" }), ["i"]],
  ["nothing", volume({ containerDisk: { image: "x" } }), []],
] as const)("A guest is told %s.", ([, object, expected]) => {
  expect(userDataOf(object)).toEqual(expected);
});

test.for([
  ["user-data in one", volume({ cloudInitNoCloud: { secretRef: { name: "s" } } }), true],
  ["one as a disk", volume({ secret: { secretName: "s" } }), true],
  ["an answer file in one", volume({ sysprep: { secret: { name: "s" } } }), true],
  ["a password in one", guest({ accessCredentials: [{ userPassword: {} }] }), true],
  ["none", volume({ cloudInitNoCloud: { userData: "u" } }), false],
] as const)("A guest reads Secrets: %s.", ([, object, expected]) => {
  expect(readsSecrets(object)).toBe(expected);
});

const script = `#!/bin/sh
exec vmesh-echo serve --name server --http 8080
vmesh-echo call http://server.shop.svc:8080 server.shop.svc:9090 --with /etc/some-file-7
login admin:Tr0ub4dor
export LONG=abcdefghijklmnopqrst
`;

test("Of a script its lines are secret, and words that may be one; addresses, paths and flags are none.", () => {
  const [first, ...rest] = script.trimEnd().split("\n");
  expect(first).toBe("#!/bin/sh");
  const words = ["admin:Tr0ub4dor", "Tr0ub4dor", "LONG=abcdefghijklmnopqrst", "abcdefghijklmnopqrst"];
  expect(secretsIn(script)).toEqual([...rest, ...words]);
});

test.for([
  ["#cloud-config\npassword: fedora\n", "fedora"],
  ["#cloud-config\nchpasswd: { expire: False }\npassword: 'guess me not'\n", "guess"],
  ["api_token=abcd\n", "abcd"],
] as const)("Of %j %j is secret, short as it is.", ([userData, word]) => {
  expect(secretsIn(userData)).toContain(word);
});
