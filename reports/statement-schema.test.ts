import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, expectTypeOf, test } from "vitest";
import { answered, spiffeId } from "../lib/expectations.ts";
import { type RunReport, verdictOf } from "./model.ts";
import type { reportSchema } from "./report-schema.ts";
import { sampleCase, sampleReport, sampleStage } from "./sample.ts";
import type { z } from "zod";
import { jsonSchema } from "./statement-schema.ts";
import { statement } from "./statement.ts";

const file = "report.schema.json";
const published = JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")) as object;
// Its pattern says what a time is; the word `date-time` says nothing more.
const ajv = () => new Ajv2020({ allErrors: true, allowUnionTypes: true, formats: { "date-time": true } });
const validate = ajv().compile(published);
const validateClosed = ajv().compile(jsonSchema({ closed: true }));

const identity = spiffeId("shop", "client");
const client = { name: "client", namespace: "shop", kind: "pod", identity } as const;
const failure = { type: "Error", message: "reset\nby peer", stack: " at x", expected: "200", actual: "reset" };
const passed = sampleCase();
const rich = sampleCase({
  id: "inbound/rich",
  needs: ["kubevirt"],
  outcome: "flaky",
  failure,
  properties: { latency_ms: 1.25, answered_by: "v1" },
  calls: [
    {
      from: client,
      url: "http://server:8080",
      count: 3,
      expected: answered({ identity }).expected,
      unexpected: "it was reset",
      by: "v1",
      as: identity,
      refusal: { by: "node", because: "NetworkPolicy" },
      medianMs: 1.5,
      maxMs: 9,
    },
  ],
  milestones: [
    { name: "a", namespace: "shop", kind: "vmi", identity, runningMs: 3000, readyMs: 9000, firstMtlsMs: 9500 },
  ],
  tries: [
    { repetition: 1, attempt: 1, outcome: "failed", failure, seconds: 2, attachments: ["diagnostics/x.txt"] },
    {
      repetition: 1,
      attempt: 2,
      outcome: "passed",
      startedAt: "2026-01-02T03:05:05.000Z",
      seconds: 1,
      properties: { latency_ms: 1.25 },
      calls: [],
      milestones: [],
      attachments: [],
    },
  ],
  attachments: ["diagnostics/x.txt"],
  output: "hello\n",
});
const skippedCore = sampleCase({ outcome: "skipped", reason: "needs `multus`: it is not there", needs: ["multus"] });
const broken = sampleStage({ title: "components", outcome: "failed", error: failure });
const nothing = { versions: {}, capabilities: {}, cases: [] };

function run(change: Partial<RunReport>): Record<string, unknown> {
  const report = sampleReport(change);
  return JSON.parse(statement({ ...report, verdict: verdictOf(report) })) as Record<string, unknown>;
}

describe("a statement", () => {
  test.for([
    ["a passing run", { cases: [passed] }, "conformant"],
    [
      "a run of a part of the checks",
      { cases: [passed], commit: "a1b2c3", catalog: { core: 80, extended: 41 } },
      "conformant",
    ],
    ["a partial run", { cases: [passed, skippedCore], capabilities: { multus: "there is none" } }, "partial"],
    ["a failing run", {}, "failed"],
    ["a run whose component failed", { stages: [broken], cases: [skippedCore] }, "error"],
    ["a run that was interrupted", { interruption: "SIGINT", stages: [sampleStage()] }, "interrupted"],
    ["a run with a flaky check", { cases: [rich] }, "conformant"],
    ["a run that may not be flaky", { cases: [rich], failOnFlaky: true }, "failed"],
    ["a run that goes on", { finished: false }, "failed"],
    ["a run that ended before it had a cluster", { ...nothing, stages: [] }, "error"],
  ] as const)("of %s follows the published schema, and holds nothing beside it", ([, change, verdict]) => {
    const told = run(change);
    expect(told).toMatchObject({ verdict });
    expect(validate(told), ajv().errorsText(validate.errors)).toBe(true);
    expect(validateClosed(told), ajv().errorsText(validateClosed.errors)).toBe(true);
  });

  const whole = run({ cases: [rich], capabilities: { multus: "there is none" } });
  const [one] = whole["cases"] as [object];

  test.for([
    ["without a verdict", { verdict: undefined }, "must have required property 'verdict'"],
    ["with a verdict of its own", { verdict: "good" }, "/verdict must be equal to one of the allowed values"],
    ["of another version", { apiVersion: "vmesh.dev/v2" }, "/apiVersion must be equal to constant"],
    ["of another kind", { kind: "Pod" }, "/kind must be equal to constant"],
    ["with an exit code that nothing has", { exitCode: 7 }, "/exitCode must be <= 5"],
    ["on no nodes", { nodes: 0 }, "/nodes must be >= 1"],
    ["that began yesterday", { startedAt: "yesterday" }, "/startedAt must match pattern"],
    ["with a capability that is simply not there", { capabilities: { multus: false } }, "/capabilities/multus must be"],
    ["with a number that is none", { cases: [{ ...one, properties: { p50: null } }] }, "/cases/0/properties/p50 must"],
    [
      "with a check without a name",
      { cases: [{ ...one, id: undefined }] },
      "/cases/0 must have required property 'id'",
    ],
    ["without one of the profiles", { profiles: { core: {} } }, "/profiles must have required property 'extended'"],
    ["with a feature lost for no reason", { features: { supported: [], unsupported: [{ name: "x" }] } }, "'reason'"],
    ["with an identity of another scheme", { cases: [calledBy("http://shop")] }, "/from/identity must match pattern"],
  ] as const)("%s does not follow the schema", ([, change, message]) => {
    // Keys that are `undefined` are not in a file.
    const told = JSON.parse(JSON.stringify({ ...whole, ...change })) as unknown;
    expect(validate(told)).toBe(false);
    expect(ajv().errorsText(validate.errors)).toContain(message);
  });

  test("of a later vmesh may hold more", () => {
    const later = { ...whole, signedBy: "someone" };
    expect(validate(later)).toBe(true);
    expect(validateClosed(later)).toBe(false);
  });

  function calledBy(identity: string): object {
    return { ...one, calls: rich.calls.map((call) => ({ ...call, from: { ...client, identity } })) };
  }
});

test("The published schema is that of this version; `vitest -u` renews it", async () => {
  await expect(`${JSON.stringify(jsonSchema(), null, 2)}\n`).toMatchFileSnapshot(file);
});

test("The schema of a report and its type in the model are the same", () => {
  expectTypeOf<Frozen<z.output<typeof reportSchema>>>().toEqualTypeOf<Frozen<RunReport>>();
});

/** A type whose every part is read-only, as the model says it in some places only. */
type Frozen<T> = T extends string | number | boolean | undefined ? T : { readonly [K in keyof T]: Frozen<T[K]> };
