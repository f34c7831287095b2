import type { EndedCase, NewEvent } from "../reports/journal.ts";
import type { Call, Failure, Milestones, PlannedCase, RunFacts } from "../reports/model.ts";

/**
 * The journal of a run that never was, with as many checks: of a hundred 3 fail, 1 is an error, 5 are skipped and 2 pass
 * at their second try. Text is as long as that of real checks. The same count gives the same journal.
 */
export function syntheticEvents(checks: number): NewEvent[] {
  const numbers = Array.from({ length: checks }, (_, number) => number);
  return [
    { event: "run", facts },
    { event: "versions", versions: { kubernetes: "v1.34.4", istio: "1.31.1", kubevirt: "v1.7.0", envoy: "1.40.0" } },
    { event: "capabilities", capabilities: { istio: true, kubevirt: true, "two-nodes": "the cluster has one node" } },
    { event: "planned", cases: numbers.map(planned) },
    ...["doctor", "cluster", "components"].map((title) => stage(title)),
    ...numbers.flatMap(eventsOf),
    stage("suites"),
    { event: "end" },
  ];
}

const areas = "authorization dns enrolment health inbound migration outbound routing security strict".split(" ");
const startedAt = "2026-01-02T03:05:05.000Z";

const facts: RunFacts = {
  runId: "20260102-030405-ab12",
  vmesh: "0.1.0",
  clusterId: "vmesh-ab12cd",
  provider: "lab",
  nodes: 2,
  host: { cpus: 2, memoryGiB: 24, system: "linux x64 6.18.0", node: "v24.21.0" },
  seed: 7,
  selection: { profile: ["extended"], suite: [], check: [], tag: [] },
  reproduce: "scripts/vmesh run --profile extended --nodes 2 --seed 7",
  requireAll: false,
  failOnFlaky: false,
};

function planned(number: number): PlannedCase {
  return {
    id: `${areas[number % areas.length]}/check-${number}`,
    title: `A mesh pod reaches the VMI number ${number} by its Service over mutual TLS, and the VMI sees the pod's identity.`,
    profile: number % 3 === 0 ? "extended" : "core",
    tags: ["vmi", "inbound", "strict"],
    source: "kubevirt-user-guide",
    needs: ["istio", "kubevirt"],
    serial: number % 10 === 0,
  };
}

function stage(title: string): NewEvent {
  return { event: "stage", stage: { title, phase: "setup", startedAt, seconds: 40, outcome: "passed" } };
}

function eventsOf(number: number): NewEvent[] {
  const { id, title } = planned(number);
  const place = number % 100;
  const attempt = (number_: number, outcome: EndedCase["outcome"], more: Partial<EndedCase> = {}): NewEvent[] => [
    { event: "started", id, title, repetition: 1, attempt: number_ },
    { event: "ended", result: { ...base(number), repetition: 1, attempt: number_, outcome, ...more } },
  ];
  const evidence = { failure: failureIn(number), attachments: attachmentsOf(id) };
  if (place < 3) return attempt(1, "failed", evidence);
  if (place < 4) return attempt(1, "error", evidence);
  if (place < 9)
    return attempt(1, "skipped", { reason: "two-nodes: the cluster has one node", calls: [], milestones: [] });
  if (place < 11) return [...attempt(1, "failed", evidence), ...attempt(2, "passed")];
  return attempt(1, "passed");
}

function base(number: number): EndedCase {
  const { id, title } = planned(number);
  return {
    id,
    title,
    outcome: "passed",
    startedAt,
    seconds: 3 + (number % 40),
    properties: { latency_p50_ms: 1.5 + (number % 7), latency_p99_ms: 12.25, requests: 30 },
    calls: ["client", "stranger", "outsider", "client-vmi"].map((from, index) => callFrom(from, number, index)),
    milestones: ["client", "istio-vmi"].map((name) => milestonesOf(name, number)),
    attachments: [],
  };
}

function namespaceOf(number: number): string {
  return `vmesh-${areas[number % areas.length]}-check-${number}-x7k2p`;
}

function callFrom(name: string, number: number, index: number): Call {
  const namespace = namespaceOf(number);
  const identity = `spiffe://cluster.local/ns/${namespace}/sa/${name}` as NonNullable<Call["as"]>;
  const isRefused = index === 2;
  return {
    from: { name, namespace, kind: name.endsWith("vmi") ? "vmi" : "pod", ...(!isRefused && { identity }) },
    url: `http://istio-vmi.${namespace}.svc.cluster.local:8080/`,
    count: 10,
    expected: isRefused ? "reset by the server's proxy, which wants mutual TLS" : `answered with 200 for ${identity}`,
    ...(isRefused
      ? { refusal: { by: "server's proxy", because: "STRICT mutual TLS" } }
      : { by: "istio-vmi", as: identity }),
    medianMs: 8.014 + (number % 5),
    maxMs: 22.833,
  };
}

function milestonesOf(name: string, number: number): Milestones {
  const isGuest = name.endsWith("vmi");
  const marks = { readyMs: 21_978 + (number % 900), firstMtlsMs: 23_120 };
  return {
    name,
    namespace: namespaceOf(number),
    kind: isGuest ? "vmi" : "pod",
    ...(isGuest && { runningMs: 13_000 }),
    ...marks,
  };
}

function failureIn(number: number): Failure {
  const url = `http://istio-vmi.${namespaceOf(number)}.svc.cluster.local:8080`;
  const observation = `pod ${namespaceOf(number)}/outsider → ${url}, 5 times (exchange 1 of 5): expected to be answered with 200`;
  return {
    type: "ExpectationError",
    message: `Not true within 30 s: ${observation}. Last of 20 observations: ${observation}, but it ended as \`reset\`.\nCaused by: ${observation}`,
    stack: Array.from(
      { length: 12 },
      (_, line) => `    at step${line} (suites/inbound/check-${number}.test.ts:${line + 10}:7)`,
    ).join("\n"),
    expected: "answered with 200 in plaintext through Envoy by `istio-vmi`",
    actual: "reset (read tcp 10.244.1.102:47718->10.96.21.207:8080: read: connection reset by peer)",
  };
}

function attachmentsOf(id: string): string[] {
  return ["events.txt", "pods.txt", "compute.log", "istio-proxy.log"].map((file) => `diagnostics/${id}/x7k2p/${file}`);
}
