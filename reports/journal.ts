import { appendFileSync, readFileSync } from "node:fs";
import { redacted } from "../lib/redact.ts";
import type { Call, Failure, Milestones, PlannedCase, RunFacts, StageReport, TryOutcome } from "./model.ts";

/** How one try of a check ended, as the process that ran it saw it. */
export interface EndedCase {
  id: string;
  title: string;
  /** Both from 1; 1 where not given. */
  repetition?: number;
  attempt?: number;
  outcome: TryOutcome;
  reason?: string | undefined;
  failure?: Failure | undefined;
  startedAt?: string | undefined;
  seconds: number;
  properties: Record<string, string | number>;
  calls?: readonly Call[];
  milestones?: readonly Milestones[];
  attachments: string[];
  output?: string | undefined;
}

/** Everything that happens in a run, in the order it happened. The report is a fold over these. */
export type JournalEvent =
  | { event: "run"; at: string; facts: RunFacts }
  | { event: "versions"; at: string; versions: Record<string, string> }
  | { event: "capabilities"; at: string; capabilities: Record<string, true | string> }
  | { event: "planned"; at: string; cases: PlannedCase[] }
  | { event: "stage"; at: string; stage: StageReport }
  | { event: "started"; at: string; id: string; title: string; repetition?: number; attempt?: number }
  | { event: "paused"; at: string; id: string; sentence: string }
  | { event: "ended"; at: string; result: EndedCase }
  | { event: "interrupted"; at: string; reason: string }
  | { event: "end"; at: string };

type WithoutTime<T> = T extends unknown ? Omit<T, "at"> : never;
/** An event before the journal has put the time on it. */
export type NewEvent = WithoutTime<JournalEvent>;

/** A write that failed half-way leaves half a line; the next event then begins on a line of its own. */
let torn = false;

/**
 * Appends one event as one line, and returns it as it was written: every text in it is free of what looks like a secret,
 * and so is every report. A single write in append mode keeps lines of several processes apart, and what is written
 * survives the death of the writer. Throws if it cannot be written.
 */
export function record(path: string, event: NewEvent): JournalEvent {
  const stamped = redacted({ at: new Date().toISOString(), ...event } as JournalEvent);
  const line = `${torn ? "\n" : ""}${JSON.stringify(stamped)}\n`;
  torn = true;
  appendFileSync(path, line);
  torn = false;
  return stamped;
}

/**
 * Reads a journal. Half a line is what a dying process or a full disk leaves: it is dropped, and a check whose end
 * was on it counts as one that never ended.
 */
export function readJournal(path: string): JournalEvent[] {
  return readFileSync(path, "utf8").split("\n").flatMap(parseLine);
}

function parseLine(line: string): JournalEvent[] {
  try {
    return [JSON.parse(line) as JournalEvent];
  } catch {
    return [];
  }
}
