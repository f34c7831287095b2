import type { CaseReport, RunReport, StageReport } from "./model.ts";

/** A small finished run for tests of whatever reads a report; `change` replaces parts of it. */
export function sampleReport(change: Partial<RunReport> = {}): RunReport {
  return {
    runId: "20260102-030405-ab12",
    vmesh: "0.1.0",
    clusterId: "vmesh-ab12",
    provider: "lab",
    nodes: 1,
    host: { cpus: 2, memoryGiB: 24 },
    seed: 7,
    selection: { suite: ["inbound"] },
    reproduce: "scripts/vmesh run --suite inbound --seed 7",
    requireAll: false,
    failOnFlaky: false,
    startedAt: "2026-01-02T03:04:05.000Z",
    seconds: 90.5,
    versions: { istio: "1.31.1", kubevirt: "v1.7.0" },
    capabilities: { istio: true, "two-nodes": "the cluster has one node" },
    stages: [sampleStage({ title: "cluster" }), sampleStage({ title: "cluster", phase: "teardown", seconds: 2 })],
    cases: [
      sampleCase({ properties: { latency_p50_ms: 1.5 } }),
      sampleCase({
        id: "inbound/strict",
        name: "strict",
        title: "Plaintext is reset under STRICT",
        outcome: "failed",
        failure: {
          type: "AssertionError",
          message: "expected reset, got 200",
          stack: "at strict.test.ts:3:1",
          expected: "reset",
          actual: "answered 200",
        },
        attachments: ["diagnostics/inbound/strict/events.txt"],
      }),
      sampleCase({
        id: "migration/identity",
        suite: "migration",
        name: "identity",
        profile: "extended",
        needs: ["two-nodes"],
        outcome: "skipped",
        reason: "two-nodes: the cluster has one node",
        startedAt: undefined,
        seconds: 0,
      }),
    ],
    interruption: undefined,
    finished: true,
    verdict: "failed",
    exitCode: 1,
    ...change,
  };
}

export function sampleCase(change: Partial<CaseReport> = {}): CaseReport {
  return {
    id: "inbound/declared-port",
    suite: "inbound",
    name: "declared-port",
    title: "A declared port is served over mTLS",
    profile: "core",
    tags: ["vmi", "http"],
    source: "istio-vmi",
    needs: [],
    serial: false,
    tries: [],
    calls: [],
    milestones: [],
    outcome: "passed",
    startedAt: "2026-01-02T03:05:05.000Z",
    seconds: 3.21049,
    properties: {},
    attachments: [],
    ...change,
  };
}

export function sampleStage(change: Partial<StageReport> = {}): StageReport {
  const startedAt = "2026-01-02T03:04:06.000Z";
  return { title: "cluster", phase: "setup", startedAt, seconds: 42, outcome: "passed", ...change };
}
