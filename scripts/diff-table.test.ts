import { expect, test } from "vitest";
import { diff } from "../reports/diff.ts";
import { type RunReport, verdictOf } from "../reports/model.ts";
import { sampleCase, sampleReport, sampleStage } from "../reports/sample.ts";
import { diffTable } from "./diff-table.ts";

function run(runId: string, cases: RunReport["cases"], change: Partial<RunReport> = {}): RunReport {
  const report = sampleReport({ runId, stages: [sampleStage({ seconds: 40 })], cases, ...change });
  return { ...report, verdict: verdictOf(report) };
}

const vmi = (readyMs: number) => [{ name: "istio-vmi", namespace: "x", kind: "vmi", readyMs }] as const;
const steady = sampleCase({ id: "a/steady", properties: { latency_ms: 20 }, milestones: vmi(9000) });
const failure = { type: "ExpectationError", message: "client was answered, expected a reset\n  | 200" };

test("It says first whether it got worse and why, then what is to blame, and at last what is quicker.", () => {
  const before = ["run-1", "run-2", "run-3"].map((id, index) => {
    const slowness = 1 + index / 10;
    const latency = { ...steady, properties: { latency_ms: 20 * slowness }, milestones: vmi(9000 * slowness) };
    const cases = [
      latency,
      sampleCase({ id: "a/strict" }),
      sampleCase({ id: "a/old" }),
      sampleCase({ id: "a/flaky", outcome: "flaky" }),
    ];
    return run(id, cases, { versions: { istio: "1.30.0" } });
  });
  const after = run("run-4", [
    { ...steady, properties: { latency_ms: 64.4 }, milestones: vmi(4000) },
    sampleCase({ id: "a/strict", outcome: "failed", failure }),
    sampleCase({ id: "a/flaky" }),
    sampleCase({ id: "a/new", profile: "extended", outcome: "skipped", reason: "needs `two-nodes`: one node" }),
  ]);
  expect(diffTable(diff(before, [after]))).toMatchInlineSnapshot(`
    "WORSE: 1 check got worse, 1 core check is gone, the verdict went from conformant to failed; 1 of 7 numbers are slower.

                         A                    B
    runs                 3, the first run-1   run-4
    verdict              conformant (3 of 3)  failed
    version of istio     1.30.0               1.31.1
    version of kubevirt  -                    v1.7.0

    Got worse: 1
      a/strict  core  passed → failed  client was answered, expected a reset

    Gone: 1
      a/old  core  passed

    New: 1
      a/new  extended  skipped  needs \`two-nodes\`: one node

    Got better: 1
      a/flaky  core  flaky → passed

    The run
                             A                        B
      total                  90.5 s (90.5–90.5, n=3)  90.5 s  ±0 %
      median check duration  3.21 s (3.21–3.21, n=3)  3.21 s  ±0 %
      median VMI Ready       9.9 s (9–10.8, n=3)      4 s     −60 %  faster

    Slower: 1
      a/steady  latency_ms  22 ms (20–24, n=3)  64.4 ms  +193 %

    Faster: 1
      a/steady  istio-vmi Ready  9.9 s (9–10.8, n=3)  4 s  −60 %

    Checks that ended as before: 1. Numbers compared: 7; slower or faster is what lies beyond the spread of A
    by more than 10 %, and by more than 1 s, for latencies 5 ms.
    "
  `);
});

test("A comparison with nothing to tell is short, and says that one run shows no spread.", () => {
  expect(diffTable(diff([run("run-1", [steady])], [run("run-2", [steady])]))).toMatchInlineSnapshot(`
    "No worse. Checks: 1 unchanged; nothing is slower.

             A           B
    runs     run-1       run-2
    verdict  conformant  conformant

    The run
                             A       B
      total                  90.5 s  90.5 s  ±0 %
      median check duration  3.21 s  3.21 s  ±0 %
      median VMI Ready       9 s     9 s     ±0 %

    Checks that ended as before: 1. Numbers compared: 7; slower or faster is what lies beyond the spread of A
    by more than 10 %, and by more than 1 s, for latencies 5 ms.
    One sample in A, so that the spread is unknown: 7; there by more than 50 %.
    "
  `);
});

test("What is slower is in the first line even where it does not count.", () => {
  const [line] = diffTable(diff([run("run-1", [steady])], [run("run-2", [{ ...steady, seconds: 9 }])])).split("\n");
  expect(line).toBe("No worse. Checks: 1 unchanged; 2 of 7 numbers are slower.");
});

test("A side that broke, and one that goes on, are told.", () => {
  const broken = run("run-1", [], { stages: [sampleStage({ outcome: "failed" })] });
  const lines = diffTable(diff([broken], [run("run-2", [steady], { finished: false })])).split("\n");
  expect(lines[0]).toBe("WORSE: the verdict went from error to interrupted; nothing is slower.");
  expect(lines[1]).toBe("A ended as error, so it says little about how good it was before.");
  expect(lines).toContainEqual(expect.stringMatching(/^verdict +error +interrupted \(has not ended\)$/));
});

test("Of a long list only the beginning is shown, core checks first.", () => {
  const cases = (outcome: "passed" | "failed") =>
    Array.from({ length: 30 }, (_, index) =>
      sampleCase({ id: `a/${index}`, outcome, profile: index === 29 ? "core" : "extended" }),
    );
  const lines = diffTable(diff([run("run-1", cases("passed"))], [run("run-2", cases("failed"))])).split("\n");
  const start = lines.indexOf("Got worse: 30");
  expect(lines[start + 1]).toMatch(/^ {2}a\/29 +core +passed → failed +no reason was recorded$/);
  expect(lines[start + 21]).toBe("  and 10 more; `--json` has them all");
});
