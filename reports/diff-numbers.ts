import { checkMeasures, type Measure, type MeasureKind, measureKinds, runMeasures } from "./measures.ts";
import type { RunReport } from "./model.ts";
import { type Spread, spreadOf, tendencyOf } from "./spread.ts";

/** One number on both sides. */
export interface NumberChange {
  /** The id of a check, or `run`. */
  of: string;
  what: string;
  kind: MeasureKind;
  unit: "s" | "ms" | "";
  before: Spread;
  after: Spread;
  /** Times are slower or faster; of a count nobody knows what is better. */
  tendency: "slower" | "faster" | "higher" | "lower" | "same";
}

/**
 * The part of a number beyond which it counts as another one: `spread` where the earlier side has several samples, and
 * `single` where it has one, so that its spread is unknown.
 */
export interface Thresholds {
  spread: number;
  single: number;
}

/** Compares every number that both sides have: those of the run first, then those of each check. */
export function diffNumbers(
  before: readonly RunReport[],
  after: readonly RunReport[],
  thresholds: Thresholds,
): NumberChange[] {
  const known = idsOf(before);
  const common = new Set([...idsOf(after)].filter((id) => known.has(id)));
  const later = samplesOf(after, common);
  return [...samplesOf(before, common)].flatMap(([key, { of, what, kind, values }]) => {
    const others = later.get(key);
    if (!others) return [];
    const [earlier, latest] = [spreadOf(values), spreadOf(others.values)];
    const { unit, floor } = measureKinds[kind];
    const threshold = earlier.samples > 1 ? thresholds.spread : thresholds.single;
    const tendency = inWords(tendencyOf(earlier, latest, { threshold, floor }), kind);
    return { of, what, kind, unit, before: earlier, after: latest, tendency };
  });
}

function idsOf(runs: readonly RunReport[]): Set<string> {
  return new Set(runs.flatMap(({ cases }) => cases.map(({ id }) => id)));
}

type Samples = Omit<Measure, "value"> & { values: number[] };

function samplesOf(runs: readonly RunReport[], common: ReadonlySet<string>): Map<string, Samples> {
  const samples = new Map<string, Samples>();
  const note = ({ value, ...measure }: Measure) => {
    const key = `${measure.of}\n${measure.what}`;
    const known = samples.get(key);
    if (known) known.values.push(value);
    else samples.set(key, { ...measure, values: [value] });
  };
  const ofChecks = runs.map(({ cases }) => checkMeasures({ cases: cases.filter(({ id }) => common.has(id)) }));
  for (const [index, run] of runs.entries()) runMeasures(run, ofChecks[index] ?? []).forEach(note);
  for (const measures of ofChecks) measures.forEach(note);
  return samples;
}

function inWords(tendency: "higher" | "lower" | "same", kind: MeasureKind): NumberChange["tendency"] {
  if (tendency === "same" || kind === "count") return tendency;
  return tendency === "higher" ? "slower" : "faster";
}
