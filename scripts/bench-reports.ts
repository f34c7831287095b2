import { junit } from "../reports/junit.ts";
import type { RunReport } from "../reports/model.ts";
import { sampleCase, sampleReport } from "../reports/sample.ts";

/** Milliseconds to write JUnit for so many checks, a tenth of them red, and megabytes of the larger file. */
export function measureJunit() {
  const [small, large] = [runOf(1_000), runOf(10_000)];
  // The first call pays for compiling the writer.
  junit(small);
  const [smallMs] = timed(() => junit(small));
  const [largeMs, text] = timed(() => junit(large));
  return { junitSmall: smallMs, junitLarge: largeMs, junitSize: Buffer.byteLength(text) / 1_000_000 };
}

function runOf(count: number): RunReport {
  const cases = Array.from({ length: count }, (_, index) => {
    const [suite, name] = [`area-${index % 50}`, `check-${index}`];
    const failure = {
      type: "AssertionError",
      message: "expected reset, got 200",
      stack: "    at x.ts:1:1\n".repeat(20),
    };
    const end =
      index % 10 === 0 ? { outcome: "failed" as const, failure, output: "a line of output\n".repeat(100) } : {};
    const milestones = [
      { name: "vm", namespace: `n${index}`, kind: "vmi" as const, readyMs: 9_000, firstMtlsMs: index },
    ];
    return sampleCase({
      id: `${suite}/${name}`,
      suite,
      name,
      properties: { latency_p50_ms: index },
      milestones,
      ...end,
    });
  });
  return sampleReport({ cases });
}

function timed<T>(work: () => T): [ms: number, result: T] {
  const started = performance.now();
  const result = work();
  return [performance.now() - started, result];
}
