import { HarnessError } from "./errors.ts";

/** A step of a run and how to undo it. */
export interface Stage<C> {
  title: string;
  setup?(context: C, signal: AbortSignal): Promise<void>;
  /** Runs for every stage whose setup was begun, also if it failed half-way. */
  teardown?(context: C): Promise<void>;
}

export type StageRecord = {
  title: string;
  phase: "setup" | "teardown";
  /** ISO 8601. */
  startedAt: string;
  seconds: number;
  outcome: "passed" | "failed" | "interrupted";
  error?: unknown;
};

export interface PipelineOptions {
  /** Its reason says why: one named `TimeoutError` makes the outcome `timedout`. */
  signal: AbortSignal;
  onBegin?(stage: Pick<StageRecord, "title" | "phase">): void;
  onStage(record: StageRecord): void;
}

export type PipelineResult = { outcome: "passed" | "failed" | "timedout" | "interrupted"; error?: unknown };

/**
 * Sets the stages up in order until one fails or the signal aborts, then tears down in reverse what was begun.
 * Never throws: the first error is the result's, later ones are only in the records.
 */
export async function runPipeline<C>(
  stages: readonly Stage<C>[],
  context: C,
  { signal, onBegin, onStage }: PipelineOptions,
): Promise<PipelineResult> {
  const begun: Stage<C>[] = [];
  let result: PipelineResult = { outcome: "passed" };

  const step = async (stage: Stage<C>, phase: StageRecord["phase"], work: () => Promise<void>) => {
    const startedAt = new Date();
    onBegin?.({ title: stage.title, phase });
    const record = (end: Pick<StageRecord, "outcome" | "error">) =>
      onStage({
        title: stage.title,
        phase,
        startedAt: startedAt.toISOString(),
        seconds: secondsSince(startedAt),
        ...end,
      });
    try {
      await work();
      record({ outcome: "passed" });
    } catch (error) {
      const interrupted = phase === "setup" && (signal.aborted || isInterruption(error));
      if (result.outcome === "passed") result = { outcome: interrupted ? endOf(signal) : "failed", error };
      record({ outcome: interrupted ? "interrupted" : "failed", error });
    }
  };

  for (const stage of stages) {
    if (signal.aborted && result.outcome === "passed") result = { outcome: endOf(signal), error: signal.reason };
    if (result.outcome !== "passed") break;
    begun.push(stage);
    await step(stage, "setup", async () => stage.setup?.(context, signal));
  }
  for (const stage of begun.reverse()) {
    if (stage.teardown) await step(stage, "teardown", async () => stage.teardown?.(context));
  }
  return result;
}

function endOf(signal: AbortSignal): "timedout" | "interrupted" {
  const { reason } = signal;
  return signal.aborted && reason instanceof Error && reason.name === "TimeoutError" ? "timedout" : "interrupted";
}

function isInterruption(error: unknown): boolean {
  return error instanceof HarnessError && error.kind === "interrupted";
}

function secondsSince(start: Date): number {
  return (Date.now() - start.getTime()) / 1000;
}
