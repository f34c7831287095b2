import { answered, resetByStrictMtls, spiffeId } from "../lib/expectations.ts";
import { mesh } from "../lib/mesh.ts";
import type { CaseReport, Failure, RunReport, TryReport } from "./model.ts";
import { sampleCall } from "./sample-calls.ts";
import { sampleRun } from "./sample-run.ts";

/** What goes wrong in the checks of a failing run. */
const faults: Readonly<Record<string, (one: CaseReport) => Partial<CaseReport>>> = {
  "scenarios/cirros-to-istio-vmi": oneTimeout,
  "strict/unmeshed-pod-refused": notRefused,
  "inbound/reserved-ports": cutOff,
  "lifecycle/istiod-restart": secondTry,
};

/** The sample with two failed checks, one that could not be judged, a flaky one, and core checks without their VM. */
export function failingRun(): RunReport {
  const report = sampleRun();
  const why = "external-vm: the lab's machine did not boot";
  const withoutVm = {
    outcome: "skipped",
    reason: why,
    startedAt: undefined,
    seconds: 0,
    calls: [],
    milestones: [],
  } as const;
  const cases = report.cases.map((one) => ({
    ...one,
    ...(one.calls.some(({ url }) => url === mesh.vm.url) && withoutVm),
    ...faults[one.id]?.(one),
  }));
  return { ...report, cases, verdict: "failed", exitCode: 1 };
}

/** The sample in which Istio did not come up, so that no check started. */
export function errorRun(): RunReport {
  const report = sampleRun();
  const error: Failure = {
    type: "HarnessError",
    message: [
      "Component `istio` is not ready.",
      "  | deployment/istiod-1-31-1: 0 of 1 replicas are available",
      '  | istiod-1-31-1-6d9f7c5b9c-x2kqz ImagePullBackOff: Back-off pulling image "vmesh/pilot:1.31.1"',
      "To mend it: look at the pod's events, and build the images anew with `scripts/vmesh clean`",
      "Caused by: Not true within 120 s: Deployment `istiod-1-31-1` is available. Last of 58 observations: it has 0 of 1 replicas",
      "Caused by: it has 0 of 1 replicas",
    ].join("\n"),
    stack:
      "    at ready (clusters/components/istio.ts:61:11)\n    at installComponents (clusters/components/components.ts:48:5)",
  };
  const [cluster, istio, , , , teardown] = report.stages;
  const failed = istio && { ...istio, seconds: 121, outcome: "failed" as const, error };
  const cases = report.cases.map((one): CaseReport => {
    const reason = "not started: stage `istio` failed";
    return {
      ...one,
      outcome: "skipped",
      reason,
      startedAt: undefined,
      seconds: 0,
      calls: [],
      milestones: [],
      properties: {},
    };
  });
  return {
    ...report,
    versions: { kubernetes: "v1.34.4" },
    capabilities: {},
    stages: [cluster, failed, teardown && { ...teardown, startedAt: "2026-01-02T03:06:47.000Z" }].filter(
      (one) => one !== undefined,
    ),
    cases,
    seconds: 184,
    verdict: "error",
    exitCode: 3,
  };
}

/** The text of the evidence of the failing run. */
export function sampleEvidence(): Map<string, { bytes: number; text?: string; absent?: string }> {
  const log = Array.from(
    { length: 60 },
    (_, line) =>
      `2026-01-02T03:12:${String(line).padStart(2, "0")}Z [warn] envoy upstream: "GET / HTTP/1.1" 503 UF "delayed connect error: 111" - 10.42.0.31:8080`,
  );
  const files: Record<string, string> = {
    "events.txt": [
      "2026-01-02T03:11:52Z Normal Started VirtualMachineInstance/cirros-vmi x1: VirtualMachineInstance started.",
      "2026-01-02T03:11:58Z Warning Unhealthy Pod/virt-launcher-cirros-vmi-rn7bd x3: Startup probe failed: HTTP probe failed with statuscode: 503",
    ].join("\n"),
    "pods.txt":
      "virt-launcher-cirros-vmi-rn7bd Running on node-1: istio-proxy=running ready (0 restarts), compute=running ready (0 restarts)\n",
    "virt-launcher-cirros-vmi-rn7bd/istio-proxy.log": log.join("\n"),
  };
  return new Map(
    evidencePaths.map((path, index) => {
      const text = Object.values(files)[index];
      return [path, text === undefined ? { bytes: 4_096, absent: "it is not text" } : { bytes: text.length, text }];
    }),
  );
}

const folder = "diagnostics/scenarios/cirros-to-istio-vmi/vmesh-scenarios-cirros-to-istio-vmi-x7k2p";
const evidencePaths = [
  `${folder}/events.txt`,
  `${folder}/pods.txt`,
  `${folder}/virt-launcher-cirros-vmi-rn7bd/istio-proxy.log`,
  `${folder}/virt-launcher-cirros-vmi-rn7bd/core`,
];

/** As `assertExchanges` says it. */
function oneTimeout({ calls }: CaseReport): Partial<CaseReport> {
  const [call] = calls;
  if (!call) return {};
  const { expected } = answered({ identity: call.from.identity ?? spiffeId("shop", "client"), viaEnvoy: true });
  const actual = "timeout (context deadline exceeded)";
  const between = `vmi ${call.from.namespace}/${call.from.name} → ${call.url}, 30 times (exchange 8 of 30)`;
  return {
    outcome: "failed",
    failure: {
      type: "ExpectationError",
      message: `${between}: expected to be ${expected}, but it was not answered but ended as \`timeout\`. Got: ${actual}.`,
      expected,
      actual,
      stack: "    at assertExchanges (lib/expectations.ts:240:11)\n    at expectEvery (lib/fixtures/traffic.ts:41:7)",
    },
    calls: [{ ...call, count: 30 }, sampleCall(call.from, call.url, "timeout", "istio-vmi")],
    attachments: evidencePaths,
    properties: {},
  };
}

/** As a wait says it that saw nothing else. */
function notRefused({ calls }: CaseReport): Partial<CaseReport> {
  const [call, ...others] = calls;
  if (!call) return {};
  const { expected } = resetByStrictMtls();
  const got = "answered 200, server header istio-envoy, client certificate seen by the server: none";
  const between = `pod ${call.from.namespace}/${call.from.name} → ${call.url}`;
  const seen = `${between}: expected to be ${expected}, but it ended as \`answered\`. Got: ${got}.`;
  const { refusal: _, ...answer } = call;
  return {
    outcome: "failed",
    failure: {
      type: "ExpectationError",
      message: `Not true within 60 s: ${between} is ${expected}. Last of 41 observations: ${seen}\nCaused by: ${seen}`,
      expected,
      actual: got,
    },
    calls: [{ ...answer, count: 3, by: "istio-vmi", unexpected: `it ended as \`answered\`; got ${got}` }, ...others],
  };
}

function cutOff(): Partial<CaseReport> {
  const failure = { type: "WorkerError", message: "the worker ended before the check did" };
  return { outcome: "error", failure, seconds: 0, calls: [], milestones: [], output: "listening on 15004\n" };
}

function secondTry({ startedAt = "", seconds }: CaseReport): Partial<CaseReport> {
  const failure: Failure = {
    type: "ExpectationError",
    message: "2 of 212 requests were lost while istiod was restarted.",
    expected: "0 requests lost",
    actual: "2 requests lost",
  };
  const one = (attempt: number, end: Pick<TryReport, "outcome" | "failure">): TryReport => {
    const start = new Date(Date.parse(startedAt) + (attempt - 1) * seconds * 500).toISOString();
    return { repetition: 1, attempt, startedAt: start, seconds: seconds / 2, attachments: [], ...end };
  };
  return { outcome: "flaky", failure, tries: [one(1, { outcome: "failed", failure }), one(2, { outcome: "passed" })] };
}
