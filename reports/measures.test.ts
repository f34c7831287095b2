import { expect, test } from "vitest";
import type { Call } from "../lib/calls.ts";
import { spiffeId } from "../lib/expectations.ts";
import { checkMeasures, runMeasures } from "./measures.ts";
import { sampleCase, sampleStage } from "./sample.ts";

/** A call as it is in one run, in which the check's namespace has this ending. */
function call(ending: string, change: Partial<Call> = {}): Call {
  const namespace = `vmesh-inbound-declared-port-${ending}`;
  const identity = spiffeId(namespace, "client");
  return {
    from: { name: "client", namespace, kind: "pod", identity },
    url: `http://istio-vmi.${namespace}:8080/`,
    count: 3,
    expected: `answered with 200 over mutual TLS as \`${identity}\` through Envoy`,
    medianMs: 4,
    maxMs: 9,
    ...change,
  };
}

const whats = (...calls: Call[]) =>
  checkMeasures({ cases: [sampleCase({ calls })] })
    .filter(({ what }) => what !== "duration")
    .map(({ what, value }) => [what, value]);

test("A check has its duration, its numbers, its calls and its milestones, each with its kind.", () => {
  const one = sampleCase({
    seconds: 3,
    properties: {
      latency_p50_ms: 1.5,
      boot_seconds: 7,
      requests_lost: 2,
      requests_per_second: "0.80",
      answered_by: "v1",
      note: " ",
    },
    calls: [call("ab1de")],
    milestones: [{ name: "istio-vmi", namespace: "x", kind: "vmi", runningMs: 3000, firstMtlsMs: 9500 }],
  });
  const told = checkMeasures({ cases: [one] }).map(({ what, kind, value }) => [what, kind, value]);
  expect(told).toEqual([
    ["duration", "duration", 3],
    ["latency_p50_ms", "latency", 1.5],
    ["boot_seconds", "duration", 7],
    ["requests_lost", "count", 2],
    ["requests_per_second", "count", 0.8],
    ["client → http://istio-vmi:8080/ answered with 200 over mutual TLS through Envoy", "latency", 4],
    ["istio-vmi running", "milestone", 3000],
    ["istio-vmi first mTLS", "milestone", 9500],
  ]);
});

test.for([
  ["the namespace of the check", call("ab1de"), call("zz9zz")],
  [
    "the namespace outside the mesh",
    call("a", { url: "http://b.vmesh-a-b-ab1de-out:80" }),
    call("a", { url: "http://b.vmesh-a-b-zz9zz-out:80" }),
  ],
  ["an address", call("a", { url: "http://10.244.0.7:8080" }), call("a", { url: "http://10.244.1.23:8080" })],
  ["an address of IPv6", call("a", { url: "http://[fd00::7]:80" }), call("a", { url: "http://[fd00:1::a]:80" })],
] as const)("A call is the same one in two runs whatever %s", ([, one, other]) => {
  expect(whats(one)).toEqual(whats(other));
});

test.for([
  ["to another port", { url: "http://istio-vmi:8081" }],
  ["by another peer", { from: { ...call("a").from, name: "other" } }],
  ["with another end", { expected: "refused with 403" }],
] as const)("A call %s is another one", ([, change]) => {
  expect(whats(call("ab1de"), call("ab1de", change))).toHaveLength(2);
});

test("Calls that did not end as expected are no measure.", () => {
  expect(whats(call("ab1de", { unexpected: "it was reset" }))).toEqual([]);
});

test.for([
  ["a check that failed", sampleCase({ outcome: "failed" }), []],
  ["a check that was skipped", sampleCase({ outcome: "skipped" }), []],
  [
    "every repetition that passed",
    sampleCase({ outcome: "failed", tries: [tried(1, 2), tried(2, 9, "failed"), tried(3, 4)] }),
    [2, 4],
  ],
  [
    "the try of a flaky check that passed",
    sampleCase({ outcome: "flaky", tries: [tried(1, 9, "error"), tried(1, 3)] }),
    [3],
  ],
] as const)("Of %s these durations count: %#", ([, one, seconds]) => {
  expect(checkMeasures({ cases: [one] }).map(({ value }) => value)).toEqual(seconds);
});

function tried(repetition: number, seconds: number, outcome: "passed" | "failed" | "error" = "passed") {
  return { repetition, attempt: 1, outcome, seconds, attachments: [] };
}

test("A run has its time, that of its stages, and medians over the checks that are compared.", () => {
  const vmi = (readyMs: number) => ({ name: "a", namespace: "x", kind: "vmi", readyMs }) as const;
  const run = {
    seconds: 100,
    stages: [
      sampleStage({ title: "cluster", seconds: 40 }),
      sampleStage({ title: "suites", outcome: "failed" }),
      sampleStage({ title: "cluster", phase: "teardown", seconds: 2 }),
    ],
  };
  const cases = [
    sampleCase({ seconds: 1, milestones: [vmi(1000)], properties: { latency_ms: 7 } }),
    sampleCase({ seconds: 2, milestones: [vmi(3000)] }),
  ];
  const told = runMeasures(run, checkMeasures({ cases }));
  expect(told.map(({ what, value }) => [what, value])).toEqual([
    ["total", 100],
    ["stage cluster", 40],
    ["stage cluster (teardown)", 2],
    ["median check duration", 1.5],
    ["median VMI Ready", 2000],
  ]);
});
