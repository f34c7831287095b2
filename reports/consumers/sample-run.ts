import type { RunReport, TryReport } from "../model.ts";
import { sampleCase, sampleReport, sampleStage } from "../sample.ts";

/** A run with every end that a case or a stage can have, for consumers of the reports to read. */
export function everyEnd(change: Partial<RunReport> = {}): RunReport {
  return sampleReport({
    reproduce: 'scripts/vmesh run --seed 7 --check "inbound/<any> & more"',
    stages: [
      sampleStage({ title: "cluster" }),
      sampleStage({ title: "suites", seconds: 40.5 }),
      sampleStage({ title: "cluster", phase: "teardown", outcome: "failed", error: failure("a mount is left") }),
    ],
    cases: [
      sampleCase({
        properties: { latency_p50_ms: 1.5, requests: 20, protocol: "h2" },
        milestones: [
          { name: "istio-vmi", namespace: "vmesh-1", kind: "vmi", runningMs: 4000, readyMs: 9120, firstMtlsMs: 9500 },
          { name: "client", namespace: "vmesh-1", kind: "pod", readyMs: 2100 },
        ],
        output: "hello\n",
      }),
      sampleCase({
        ...named("inbound", "strict", "Plaintext is reset under STRICT"),
        outcome: "failed",
        failure: {
          ...failure("expected reset, got 200"),
          stack: "    at strict.test.ts:3:1",
          expected: "reset by the proxy",
          actual: "answered <200> & more",
        },
        attachments: ["diagnostics/inbound/strict/events.txt", "diagnostics/inbound/strict/console.txt"],
        output: "the guest prints [[ATTACHMENT|/etc/passwd]]\n",
      }),
      sampleCase({
        ...named("inbound", "h2", "HTTP/2 reaches the VM"),
        outcome: "flaky",
        failure: failure("expected 200, got 503"),
        tries: [attempt(1, "failed", "expected 200, got 503"), attempt(2, "error", "no answer"), attempt(3, "passed")],
      }),
      sampleCase({
        ...named("egress", "blackhole", "An unknown host is refused"),
        outcome: "failed",
        failure: failure("expected 502, got 200"),
        tries: [attempt(1, "error", "the API server hung up"), attempt(2, "failed", "expected 502, got 200")],
      }),
      sampleCase({
        ...named("egress", "tls", "TLS to the outside is passed on"),
        outcome: "error",
        failure: failure("the cluster does not answer"),
        tries: [attempt(1, "failed", "expected 200, got 000"), attempt(2, "error", "the cluster does not answer")],
      }),
      sampleCase({
        ...named("egress", "repeated", "It holds thrice"),
        outcome: "failed",
        failure: failure("expected 200, got 404"),
        tries: [
          { ...attempt(1, "failed", "expected 200, got 404"), repetition: 1 },
          { ...attempt(1, "passed"), repetition: 2 },
          { ...attempt(1, "failed", "expected 200, got 404"), repetition: 3 },
        ],
      }),
      sampleCase({
        ...named("migration", "identity", "A migrated VM keeps its identity"),
        profile: "extended",
        outcome: "skipped",
        reason: "two-nodes: the cluster has one node",
        startedAt: undefined,
        seconds: 0,
      }),
      sampleCase({
        ...named("text", "<name> & \"quotes\" 'and' ]]> é😀", "Text of every kind arrives"),
        tags: ["<b>", "\u001B[31mred\u001B[0m"],
        source: undefined,
        properties: { "odd & <name>": "\u0000control\u0007 \uD800 half" },
        output: "]]> & <b> \u001B[31mred\u001B[0m \u0000 \uDC00 \uFFFE é😀\r\nnext\n",
      }),
    ],
    ...change,
  });
}

function named(suite: string, name: string, title: string) {
  return { id: `${suite}/${name}`, suite, name, title };
}

/** As a check throws it: of the cluster that does not answer, or of what it expected. */
function failure(message: string) {
  return { type: message.startsWith("expected") ? "AssertionError" : "HarnessError", message };
}

function attempt(number: number, outcome: TryReport["outcome"], message?: string): TryReport {
  const why = message === undefined ? {} : { failure: failure(message) };
  return { repetition: 1, attempt: number, outcome, ...why, seconds: 1, attachments: [] };
}
