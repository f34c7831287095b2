import { linesOf, type Told } from "../../lib/log.ts";
import type { EndedCase } from "../../reports/journal.ts";
import type { Place } from "../console.ts";
import { stageName, type StageReport } from "../../reports/model.ts";

/** Lines of the stage under way that are remembered. */
const keptLines = 5;

/** How far a run is. All times are milliseconds of one clock. */
export interface Progress {
  readonly ended: { name: string; outcome: StageReport["outcome"]; seconds: number; checks?: string }[];
  current?: StageUnderWay | undefined;
  /** Checks under way, in the order in which they began. */
  readonly running: Map<string, number>;
  /** How each repetition of a check stands after its last try. */
  readonly ends: Map<string, "passed" | "red" | "flaky" | "skipped">;
}

/** What counts of the end of a check. */
export type End = Pick<EndedCase, "id" | "outcome" | "repetition" | "attempt">;

interface StageUnderWay {
  name: string;
  since: number;
  lines: { scope: string; step: boolean; text: string }[];
  /** Where its checks are, if it has some. */
  place?: Place;
}

export function newProgress(): Progress {
  return { ended: [], running: new Map(), ends: new Map() };
}

export function beginStage(progress: Progress, stage: Pick<StageReport, "title" | "phase">, now: number): void {
  progress.current = { name: stageName(stage), since: now, lines: [] };
}

/**
 * A stage takes with it what still ran in it: checks whose process has ended. One that ran to its end with red checks
 * has failed in the eyes of a reader.
 */
export function endStage(progress: Progress, stage: StageReport): void {
  const { seconds } = stage;
  const ran = progress.current?.place !== undefined;
  const red = ran && [...progress.ends.values()].includes("red");
  const outcome = red && stage.outcome === "passed" ? "failed" : stage.outcome;
  const count = progress.ends.size;
  const words = [`${count} ${count === 1 ? "check" : "checks"}`, ...tally(progress)].join(", ");
  const checks = ran ? { checks: words } : {};
  progress.ended.push({ name: stageName(stage), outcome, seconds, ...checks });
  progress.current = undefined;
  progress.running.clear();
}

/** A line belongs to the stage under way; a step takes the place of the one before it in its scope. */
export function hear({ current }: Progress, told: Told): void {
  if (!current) return;
  const scope = told.names.join(" ");
  const step = told.kind === "step";
  const before = step ? current.lines.filter((line) => !line.step || line.scope !== scope) : current.lines;
  const lines = linesOf(told).map((text) => ({ scope, step, text }));
  current.lines = [...before, ...lines].slice(-keptLines);
}

export function beginCheck(progress: Progress, id: string, place: Place, now: number): void {
  progress.running.set(id, now);
  if (progress.current) progress.current.place = place;
}

export function endCheck(progress: Progress, result: End, place: Place): void {
  const { id, outcome, repetition = 1, attempt = 1 } = result;
  progress.running.delete(id);
  if (progress.current) progress.current.place = place;
  const passed = attempt > 1 ? "flaky" : "passed";
  const ends = { passed, failed: "red", error: "red", skipped: "skipped" } as const;
  progress.ends.set(`${id} ${repetition}`, ends[outcome]);
}

/** `repetition 2 of 3: 44 of 85, 2 red, 1 flaky`; what there is none of is left out. */
export function checksInWords({ round, ended, checks }: Place, progress: Pick<Progress, "ends">): string {
  return [`${round && `${round}: `}${ended} of ${checks}`, ...tally(progress)].join(", ");
}

function tally({ ends }: Pick<Progress, "ends">): string[] {
  return (["red", "flaky", "skipped"] as const).flatMap((end) => {
    const count = [...ends.values()].filter((one) => one === end).length;
    return count > 0 ? `${count} ${end}` : [];
  });
}

/** A line for everything under way, for whoever wonders whether a run still does something. */
export function underWay(progress: Progress, now: number): string[] {
  const { current, running } = progress;
  if (!current) return ["no stage is under way"];
  const seconds = (since: number) => `since ${Math.round((now - since) / 1000)} s`;
  const checks = current.place ? `, ${checksInWords(current.place, progress)} checks` : "";
  return [
    `under way: stage ${current.name} ${seconds(current.since)}${checks}`,
    ...[...running].map(([name, since]) => `under way: ${name} ${seconds(since)}`),
  ];
}
