import type { Config } from "../lib/config.ts";
import type { JournalEvent } from "../reports/journal.ts";

/** One time through the checks: the first try of all of a repetition, or a further one of those that were red. */
export interface Round {
  /** Both from 1. */
  repetition: number;
  attempt: number;
}

/** All rounds that a configuration allows; without end where it repeats until a check is red. */
export function* roundsOf({
  repeat,
  untilFailure,
  retry,
}: Pick<Config, "repeat" | "untilFailure" | "retry">): Generator<Round> {
  const repetitions = repeat ?? (untilFailure ? Number.POSITIVE_INFINITY : 1);
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    for (let attempt = 1; attempt <= retry + 1; attempt += 1) yield { repetition, attempt };
  }
}

/** Names of the checks that were red in a round; one that began and never ended is. */
export function redIn(events: readonly JournalEvent[], round: Round): string[] {
  const inRound = ({ repetition = 1, attempt = 1 }: Partial<Round>) =>
    repetition === round.repetition && attempt === round.attempt;
  const open = new Set<string>();
  const red = new Set<string>();
  for (const event of events) {
    if (event.event === "started" && inRound(event)) open.add(event.id);
    if (event.event !== "ended" || !inRound(event.result)) continue;
    open.delete(event.result.id);
    if (["failed", "error"].includes(event.result.outcome)) red.add(event.result.id);
  }
  return [...red, ...open];
}

/** A round in words, empty for the only one: `repetition 2 of 10, try 3`. */
export function roundInWords(
  { repetition, attempt }: Round,
  { repeat, untilFailure }: Pick<Config, "repeat" | "untilFailure">,
): string {
  const of = repeat === undefined ? "" : ` of ${repeat}`;
  const words = [];
  if (of !== "" || untilFailure) words.push(`repetition ${repetition}${of}`);
  if (attempt > 1) words.push(`try ${attempt}`);
  return words.join(", ");
}
