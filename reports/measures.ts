import { median } from "../lib/median.ts";
import type { CaseReport, RunReport, TryReport } from "./model.ts";

/** What a number measures: its unit, and the least difference that means something. */
export const measureKinds = {
  /** Of stages and checks, whose waiting is exact to `timeouts.poll`. */
  duration: { unit: "s", floor: 1 },
  /** Of workloads, some in KubeVirt's whole seconds. */
  milestone: { unit: "ms", floor: 1000 },
  latency: { unit: "ms", floor: 5 },
  /** A number that is no time: nobody knows whether more of it is better. */
  count: { unit: "", floor: 0 },
} as const satisfies Record<string, { unit: "s" | "ms" | ""; floor: number }>;
export type MeasureKind = keyof typeof measureKinds;

/** One sample of one number. */
export interface Measure {
  /** The id of a check, or `run`. */
  of: string;
  what: string;
  kind: MeasureKind;
  /** Under which name the run as a whole sums it up, with others like it. */
  sum?: string | undefined;
  value: number;
}

/** The numbers of all checks, of each try that passed: how long a red one took says nothing about speed. */
export function checkMeasures({ cases }: Pick<RunReport, "cases">): Measure[] {
  return cases.flatMap((one) => {
    const tries = one.tries.length > 0 ? one.tries : [one];
    return tries.filter(({ outcome }) => outcome === "passed").flatMap((each) => measuresOf(one.id, each));
  });
}

/** The numbers of the run itself, and medians over those of its checks that are to be compared. */
export function runMeasures(
  { stages, seconds: total }: Pick<RunReport, "stages" | "seconds">,
  checks: readonly Measure[],
): Measure[] {
  const sums = Map.groupBy(checks, ({ sum }) => sum);
  sums.delete(undefined);
  const passed = stages.filter(({ outcome }) => outcome === "passed");
  return [
    { of: "run", what: "total", kind: "duration", value: total },
    ...passed.map(({ title, phase, seconds }) => {
      const name = phase === "setup" ? title : `${title} (teardown)`;
      return { of: "run", what: `stage ${name}`, kind: "duration" as const, value: seconds };
    }),
    ...[...sums].flatMap(([what = "", [first, ...others]]) => {
      if (!first) return [];
      const value = median([first, ...others].map((one) => one.value));
      return { of: "run", what: `median ${what}`, kind: first.kind, value };
    }),
  ];
}

/** What a check measured, by name, without its labels; some write theirs as text, rounded. */
export function numbersIn(properties: CaseReport["properties"]): [string, number][] {
  return Object.entries(properties)
    .map(([name, given]): [string, number] => [name, String(given).trim() === "" ? Number.NaN : Number(given)])
    .filter(([, value]) => Number.isFinite(value));
}

type Measured = Pick<CaseReport | TryReport, "seconds" | "properties" | "calls" | "milestones">;

function measuresOf(of: string, { seconds, properties = {}, calls = [], milestones = [] }: Measured): Measure[] {
  return [
    { of, what: "duration", kind: "duration", sum: "check duration", value: seconds },
    ...numbersIn(properties).map(([what, value]) => ({ of, what, kind: kindOf(what), value })),
    ...callMeasures(of, calls),
    ...milestones.flatMap((one) => milestoneMeasures(of, one)),
  ];
}

function kindOf(property: string): MeasureKind {
  if (property.endsWith("_ms")) return "latency";
  return /_(s|seconds)$/.test(property) ? "duration" : "count";
}

/** Calls that ended as expected, by who called where and what came of it; their namespaces have other names each time. */
function callMeasures(of: string, calls: CaseReport["calls"]): Measure[] {
  const told = calls.filter(({ unexpected }) => unexpected === undefined);
  const alike = Map.groupBy(told, ({ from, url, expected }) => stable(`${from.name} → ${url} ${expected}`));
  return [...alike].map(([what, group]) => {
    const sum = group.some(({ refusal }) => refusal) ? "refused call" : "answered call";
    return { of, what, kind: "latency", sum, value: median(group.map(({ medianMs }) => medianMs)) };
  });
}

/** Without what is drawn anew for each run: namespaces of checks, addresses, identities. */
function stable(text: string): string {
  return text
    .replaceAll(/ as `spiffe:[^`]*`/g, "")
    .replaceAll(/\.?\bvmesh-[a-z0-9-]+-[a-z0-9]{5}(-out)?\b/g, "")
    .replaceAll(/\b\d{1,3}(\.\d{1,3}){3}\b|\[[0-9a-f:]*:[0-9a-f:]*\]/g, "<address>");
}

const marks = { runningMs: "running", readyMs: "Ready", firstMtlsMs: "first mTLS" } as const;
const kinds = { pod: "pod", vmi: "VMI", vm: "external VM" } as const;

function milestoneMeasures(of: string, milestone: CaseReport["milestones"][number]): Measure[] {
  return (Object.keys(marks) as (keyof typeof marks)[]).flatMap((mark) => {
    const value = milestone[mark];
    if (value === undefined) return [];
    const sum = `${kinds[milestone.kind]} ${marks[mark]}`;
    return { of, what: `${milestone.name} ${marks[mark]}`, kind: "milestone", sum, value };
  });
}
