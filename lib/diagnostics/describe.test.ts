import { expect, test } from "vitest";
import type { KubeObject } from "../kube.ts";
import { describeObject } from "./describe.ts";
import { shownGuest, shownKinds, shownPod } from "./shown-fields.ts";

const object = (kind: string, spec: object, more: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "x", namespace: "a", annotations: { "kubectl.kubernetes.io/last-applied": "canary" } },
  spec,
  ...more,
});
const shownOf = (kind: string) => {
  const found = [shownPod, shownGuest, ...shownKinds].find((one) => one.kind === kind);
  if (!found) throw new Error(`no ${kind} is described`);
  return found.shown;
};

test("An object is described by its named fields, and of maps by their names where that is said.", () => {
  const shown = {
    metadata: { annotations: "names" },
    spec: { a: true, list: [{ b: true }], every: { "*": true } },
  } as const;
  const spec = { a: 1, hidden: "canary", list: [{ b: "x", c: "canary" }, {}], every: { d: 2, deep: { e: "canary" } } };
  expect(describeObject(object("Thing", spec), shown)).toBe(
    [
      "Thing a/x",
      "  metadata:",
      "    annotations:",
      "      - kubectl.kubernetes.io/last-applied",
      "  spec:",
      "    a: 1",
      "    list:",
      "      - b: x",
      "    every:",
      "      d: 2",
      "",
    ].join("\n"),
  );
});

test("A long value is shortened.", () => {
  expect(describeObject(object("Thing", { a: "é".repeat(600) }), { spec: { a: true } }).length).toBeLessThan(530);
});

/** What is planted where a secret may be; none of it may be shown. */
const canary = "canary";
test.for([
  ["Pod", { containers: [{ name: "c", env: [{ name: "A", value: canary }], command: [canary], args: [canary] }] }],
  [
    "Pod",
    {
      containers: [{ readinessProbe: { exec: { command: [canary] }, httpGet: { httpHeaders: [{ value: canary }] } } }],
    },
  ],
  [
    "VirtualMachineInstance",
    { volumes: [{ name: "v", cloudInitNoCloud: { userData: canary, secretRef: { name: canary } } }] },
  ],
  ["VirtualMachineInstance", { accessCredentials: [canary], domain: { firmware: { serial: canary } } }],
  ["VirtualMachine", { template: { spec: { volumes: [{ cloudInitNoCloud: { userData: canary } }] } } }],
  ["AuthorizationPolicy", { rules: [{ when: [{ key: "request.headers[x]", values: [canary] }] }] }],
  [
    "VirtualService",
    { http: [{ headers: { request: { set: { a: canary } } }, match: [{ headers: { a: { exact: canary } } }] }] },
  ],
  ["WorkloadGroup", { probe: { httpGet: { httpHeaders: [{ value: canary }] }, exec: { command: [canary] } } }],
  ["ProxyConfig", { environmentVariables: { A: canary } }],
  ["Gateway", { servers: [{ tls: { privateKey: canary, credentialName: canary } }] }],
] as const)("Of a %s nothing that may be secret is shown: %j", ([kind, spec]) => {
  expect(describeObject(object(kind, spec), shownOf(kind))).not.toContain(canary);
});

test("What decides who may call whom is shown.", () => {
  const rules = [
    { from: [{ source: { principals: ["cluster.local/ns/a/sa/b"] } }], to: [{ operation: { ports: ["80"] } }] },
  ];
  const text = describeObject(object("AuthorizationPolicy", { action: "DENY", rules }), shownOf("AuthorizationPolicy"));
  for (const part of ["DENY", "cluster.local/ns/a/sa/b", '"80"']) expect(text).toContain(part);
  const endpoints = [{ addresses: ["192.0.2.9"], conditions: { ready: false }, targetRef: { kind: "Pod", name: "p" } }];
  const slice = describeObject({ ...object("EndpointSlice", {}), endpoints }, shownOf("EndpointSlice"));
  for (const part of ["192.0.2.9", "ready: false", "name: p"]) expect(slice).toContain(part);
});

test("No Secret is described.", () => {
  expect(shownKinds.map(({ kind }) => kind)).not.toContain("Secret");
});
