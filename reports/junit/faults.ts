import type { CaseReport, Failure, TryReport } from "../model.ts";

/** What says in a test case that it is red, or was before it passed. The names are Surefire's. */
export interface Fault {
  element: (typeof elements)[RedOutcome][keyof (typeof elements)[RedOutcome]];
  failure: Failure;
  /** What there is to say beside it. */
  note?: string;
}

type RedOutcome = "failed" | "error";

const elements = {
  failed: { end: "failure", rerun: "rerunFailure", flaky: "flakyFailure" },
  error: { end: "error", rerun: "rerunError", flaky: "flakyError" },
} as const;

/**
 * Of a red case its end and, as reruns, the red tries before it in the same repetition; of a flaky one its red tries.
 * Where none may be flaky those are reruns of a failure, so that consumers of the file agree with the exit code.
 * Other repetitions get a line of text: as elements they would look like tries that came before this end.
 */
export function faultsOf(one: CaseReport, failOnFlaky: boolean): Fault[] {
  const { outcome, failure, tries } = one;
  if (outcome === "passed" || outcome === "skipped") return [];
  if (outcome === "flaky") {
    const red = tries.filter(isRed);
    return failOnFlaky ? [flakyAsFailure(one), ...red.map(faultOf("rerun"))] : red.map(faultOf("flaky"));
  }
  const deciding = repetitionsOf(tries).findLast((repetition) => repetition.at(-1)?.outcome === outcome) ?? [];
  const note = repetitionNote(tries);
  const end = { element: elements[outcome].end, failure: failure ?? unexplained, ...(note && { note }) };
  return [end, ...deciding.slice(0, -1).filter(isRed).map(faultOf("rerun"))];
}

/** The tries of a check by repetition, both in order. */
export function repetitionsOf(tries: readonly TryReport[]): TryReport[][] {
  return [...Map.groupBy(tries, ({ repetition }) => repetition).values()];
}

/** Whether a repetition, which ends as its last try did, is red. */
export function endsRed(repetition: readonly TryReport[]): boolean {
  return repetition.slice(-1).some(isRed);
}

const unexplained: Failure = { type: "Error", message: "no message" };

function isRed<T extends Pick<TryReport, "outcome">>(one: T): one is T & { outcome: RedOutcome } {
  return one.outcome === "failed" || one.outcome === "error";
}

function faultOf(when: "rerun" | "flaky") {
  return ({ outcome, failure = unexplained }: TryReport & { outcome: RedOutcome }): Fault => ({
    element: elements[outcome][when],
    failure,
  });
}

function flakyAsFailure({ failure = unexplained }: CaseReport): Fault {
  const [reason = ""] = failure.message.split("\n");
  const message = `flaky, which \`--fail-on-flaky\` counts as failed; it passed after: ${reason}`;
  return { element: "failure", failure: { type: "Flaky", message } };
}

function repetitionNote(tries: readonly TryReport[]): string | undefined {
  const all = repetitionsOf(tries);
  if (all.length < 2) return undefined;
  const red = all.filter(endsRed).map(([first]) => first?.repetition);
  return `red in ${red.length} of ${all.length} repetitions: ${red.join(", ")}`;
}
