import type { Mark } from "../../lib/milestones.ts";
import type { CaseReport, Milestones, RunReport } from "../model.ts";
import { endsRed, repetitionsOf } from "./faults.ts";

export type Property = readonly [name: string, value: string];

/** What a run was: the same for each of its suites, as consumers read suites one by one. */
export function runProperties(report: RunReport): Property[] {
  const { capabilities, interruption } = report;
  const missing = Object.entries(capabilities).filter(([, answer]) => answer !== true);
  return [
    ["run", report.runId],
    ["cluster", report.clusterId],
    ["provider", report.provider],
    ["nodes", String(report.nodes)],
    ["seed", String(report.seed)],
    ["verdict", report.verdict],
    ["reproduce", report.reproduce],
    ...(interruption === undefined ? [] : [["interruption", interruption] as const]),
    ...prefixed("host", report.host),
    ...prefixed("version", report.versions),
    ...prefixed("missing", Object.fromEntries(missing)),
  ];
}

/**
 * What is known of a check, and what it measured. TestGrid draws a graph for each name whose values are numbers, so
 * names are the same in every run: namespaces, which are not, are no part of them. A check's own numbers give way where
 * they take one of our names. `attachment` is repeated, a file each.
 */
export function caseProperties(one: CaseReport): Property[] {
  const known: Property[] = [
    ["title", one.title],
    ["profile", one.profile],
    ["tags", one.tags.join(",")],
    ...(one.source === undefined ? [] : [["source", one.source] as const]),
    ...(one.serial ? [["serial", "true"] as const] : []),
    ...(one.outcome === "flaky" ? [["flaky", "true"] as const] : []),
    ...triesProperties(one),
    ...milestoneProperties(one.milestones),
  ];
  const taken = new Set(known.map(([name]) => name));
  const measured = Object.entries(one.properties)
    .filter(([name, value]) => !taken.has(name) && (typeof value === "string" || Number.isFinite(value)))
    .map(([name, value]) => [name, String(value)] as const);
  return [...known, ...measured];
}

/**
 * Repetitions are numbers, not test cases of their own: under one name, one that passed and one that failed would be
 * flaky to Spyglass and the second unseen by GitLab; under names of their own they would come and go with `--repeat`.
 * What `tries` has more than `repetitions` are red tries that were tried again.
 */
function triesProperties({ tries }: CaseReport): Property[] {
  if (tries.length < 2) return [];
  const repetitions = repetitionsOf(tries);
  const counts = {
    tries: tries.length,
    repetitions: repetitions.length,
    red_repetitions: repetitions.filter(endsRed).length,
  };
  return Object.entries(counts).map(([name, count]) => [name, String(count)]);
}

const suffixes = {
  runningMs: "running_ms",
  readyMs: "ready_ms",
  firstMtlsMs: "first_mtls_ms",
} as const satisfies Record<Mark, string>;

/** Sorted, as workloads become ready in any order; of two with one name, in two namespaces, the slower one counts. */
function milestoneProperties(milestones: readonly Milestones[]): Property[] {
  const slowest = new Map<string, number>();
  for (const milestone of milestones) {
    for (const [mark, suffix] of Object.entries(suffixes) as [Mark, string][]) {
      const name = `${milestone.name}_${suffix}`;
      const ms = milestone[mark];
      if (ms !== undefined) slowest.set(name, Math.max(ms, slowest.get(name) ?? 0));
    }
  }
  return [...slowest].map(([name, ms]) => [name, String(ms)] as const).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function prefixed(prefix: string, values: Readonly<Record<string, string | number | true>>): Property[] {
  return Object.entries(values).map(([key, value]) => [`${prefix}.${key}`, String(value)]);
}
