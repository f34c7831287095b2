import { expect, test } from "vitest";
import { sampleCase, sampleReport } from "../sample.ts";
import { caseProperties, runProperties } from "./properties.ts";

test("A run tells what it ran on, how it ended, how to repeat it, and what the cluster does not have", () => {
  const capabilities = { istio: true, "two-nodes": "the cluster has one node" } as const;
  expect(Object.fromEntries(runProperties(sampleReport({ capabilities, interruption: "SIGINT" })))).toEqual({
    run: "20260102-030405-ab12",
    cluster: "vmesh-ab12",
    provider: "lab",
    nodes: "1",
    seed: "7",
    verdict: "failed",
    reproduce: "scripts/vmesh run --suite inbound --seed 7",
    interruption: "SIGINT",
    "host.cpus": "2",
    "host.memoryGiB": "24",
    "version.istio": "1.31.1",
    "version.kubevirt": "v1.7.0",
    "missing.two-nodes": "the cluster has one node",
  });
});

test("A check tells its sentence, profile, tags and source, and what it measured", () => {
  const one = sampleCase({ serial: true, properties: { latency_p50_ms: 1.5, protocol: "h2" } });
  expect(caseProperties(one)).toEqual([
    ["title", "A declared port is served over mTLS"],
    ["profile", "core"],
    ["tags", "vmi,http"],
    ["source", "istio-vmi"],
    ["serial", "true"],
    ["latency_p50_ms", "1.5"],
    ["protocol", "h2"],
  ]);
});

test.for([
  ["a name that is ours", { title: "another" }],
  ["what is no number", { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: null as unknown as number }],
] as const)("A measured property with %s is left out", ([, properties]) => {
  expect(caseProperties(sampleCase({ properties }))).toEqual(caseProperties(sampleCase()));
});

/** Two runs of one check: other namespaces, other times, and workloads ready in another order. */
const first = [
  { name: "vm", namespace: "vmesh-1a", kind: "vmi", runningMs: 3000, readyMs: 9100, firstMtlsMs: 9500 },
  { name: "client", namespace: "vmesh-1a", kind: "pod", readyMs: 2000 },
] as const;
const second = [
  { name: "client", namespace: "vmesh-2b", kind: "pod", readyMs: 2500 },
  { name: "vm", namespace: "vmesh-2b", kind: "vmi", firstMtlsMs: 9900, readyMs: 9000, runningMs: 4000 },
] as const;

test("Milestones are numbers whose names and order are the same in every run", () => {
  const names = ["client_ready_ms", "vm_first_mtls_ms", "vm_ready_ms", "vm_running_ms"];
  const numbersOf = (milestones: typeof first | typeof second) =>
    caseProperties(sampleCase({ milestones })).filter(([name]) => name.endsWith("_ms"));
  expect(numbersOf(first).map(([name]) => name)).toEqual(names);
  expect(numbersOf(second).map(([name]) => name)).toEqual(names);
  expect(numbersOf(second).map(([, value]) => value)).toEqual(["2500", "9900", "9000", "4000"]);
});

test.for([
  [100, 700],
  [700, 100],
])("Of two workloads with one name, after %i and %i ms, the slower counts", ([one, other]) => {
  const milestone = (namespace: string, readyMs: number) => ({ name: "vm", namespace, kind: "vmi" as const, readyMs });
  const milestones = [milestone("a", one ?? 0), milestone("b", other ?? 0)];
  expect(caseProperties(sampleCase({ milestones }))).toContainEqual(["vm_ready_ms", "700"]);
});

const attempt = { repetition: 1, attempt: 1, outcome: "passed", seconds: 1, attachments: [] } as const;
const red = { ...attempt, outcome: "failed" } as const;

test.for([
  ["of the only try", "passed", [], {}],
  [
    "after a red try",
    "flaky",
    [red, { ...attempt, attempt: 2 }],
    { flaky: "true", tries: "2", repetitions: "1", red_repetitions: "0" },
  ],
  [
    "repeated",
    "failed",
    [attempt, { ...red, repetition: 2 }, { ...attempt, repetition: 3 }],
    { tries: "3", repetitions: "3", red_repetitions: "1" },
  ],
] as const)("A check that ended %s says how often it was tried", ([, outcome, tries, expected]) => {
  const plain = new Map(caseProperties(sampleCase()));
  const added = caseProperties(sampleCase({ outcome, tries })).filter(([name]) => !plain.has(name));
  expect(Object.fromEntries(added)).toEqual(expected);
});
