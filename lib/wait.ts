import { setTimeout as sleep } from "node:timers/promises";
import pRetry from "p-retry";
import { HarnessError, interruptedError } from "./errors.ts";
import { timeouts } from "./timeouts.ts";

/** What is awaited, as a clause that is true once it came (`pod \`a\` is Ready`), and for how long at most. */
export interface WaitOptions {
  what: string;
  budgetMs: number;
  /** Between two probes; `timeouts.poll` when not given. */
  intervalMs?: number;
  signal?: AbortSignal | undefined;
}

/** A look at the world: returns what it found, throws what is still missing. */
export type Probe<T> = (signal: AbortSignal) => Promise<T>;

/** The budget ran out, or what must hold did not. `last` is what the last probe threw. */
export class WaitError extends HarnessError {
  readonly last: unknown;

  constructor(message: string, last: unknown) {
    super("environment", message, { cause: last });
    this.name = "WaitError";
    this.last = last;
  }
}

/**
 * Probes until one succeeds and returns its value. A probe still running at the end of the budget is abandoned.
 * Throws a `WaitError` with the budget and the last observation, an interrupted error when `signal` aborts, and a mistake in the probe itself (`TypeError`, `ReferenceError`) at once.
 */
export async function eventually<T>(options: WaitOptions, probe: Probe<T>): Promise<T> {
  const { what, budgetMs, intervalMs = timeouts.poll, signal } = options;
  const limit = deadline(budgetMs, signal);
  let attempts = 0;
  let last: unknown;
  try {
    return await pRetry(
      () => {
        attempts += 1;
        return untilAborted(limit, (inner) => probe(inner));
      },
      {
        retries: Number.POSITIVE_INFINITY,
        factor: 1,
        minTimeout: intervalMs,
        maxRetryTime: budgetMs,
        signal: limit,
        shouldRetry: ({ error }) => !isMistake(error),
        onFailedAttempt: ({ error }) => {
          last = error;
        },
      },
    );
  } catch (error) {
    throwIfInterrupted(what, signal);
    if (isMistake(error)) throw error;
    const message = `Not true within ${seconds(budgetMs)}: ${what}. Last of ${attempts} observations: `;
    throw new WaitError(message + observation(last), last);
  }
}

/**
 * Probes over and over for `forMs`, the last time at its end. Throws a `WaitError` at the first probe that
 * fails or takes longer than `forMs` by itself.
 */
export async function consistently(
  options: Omit<WaitOptions, "budgetMs"> & { forMs: number },
  probe: Probe<unknown>,
): Promise<void> {
  const { what, forMs, intervalMs = timeouts.poll, signal } = options;
  const started = performance.now();
  for (let final = false; ;) {
    const elapsed = performance.now() - started;
    try {
      await untilAborted(deadline(forMs, signal), probe);
    } catch (error) {
      throwIfInterrupted(what, signal);
      if (isMistake(error)) throw error;
      const message = `No longer true after ${seconds(elapsed)} of ${seconds(forMs)}: ${what}. Observed: `;
      throw new WaitError(message + observation(error), error);
    }
    if (final) return;
    const left = forMs - (performance.now() - started);
    final = left <= intervalMs;
    await pause(Math.max(0, Math.min(intervalMs, left)), signal);
  }
}

/** Like `eventually`, for something that may flap: `times` probes must succeed one after another. */
export async function converges<T>(options: WaitOptions & { times: number }, probe: Probe<T>): Promise<T> {
  let inARow = 0;
  let lastFailure: unknown;
  return eventually(options, async (signal) => {
    try {
      const value = await probe(signal);
      inARow += 1;
      if (inARow >= options.times) return value;
    } catch (error) {
      inARow = 0;
      lastFailure = error;
      throw error;
    }
    const before = lastFailure === undefined ? "" : `; before that: ${observation(lastFailure)}`;
    throw new Error(`${inARow} of ${options.times} successes in a row${before}`, { cause: lastFailure });
  });
}

/** Waits without looking at anything: between the requests of a series, never instead of a probe. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch {
    throwIfInterrupted("the pause is over", signal);
  }
}

/** A signal that aborts after `ms`, or with `signal` if that is earlier. */
export function deadline(ms: number, signal?: AbortSignal): AbortSignal {
  const limit = AbortSignal.timeout(Math.max(0, Math.ceil(ms)));
  return signal ? AbortSignal.any([signal, limit]) : limit;
}

/** Runs the work, and rejects with the signal's reason as soon as it aborts, even if the work does not heed it. */
export async function untilAborted<T>(signal: AbortSignal, work: Probe<T>): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work(signal), aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function throwIfInterrupted(what: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interruptedError(`Interrupted while waiting until ${what}.`, { cause: signal.reason });
}

function isMistake(error: unknown): boolean {
  if (error instanceof ReferenceError) return true;
  return error instanceof TypeError && error.message !== "fetch failed";
}

function observation(error: unknown): string {
  if (error === undefined) return "none, the first one was still under way.";
  return error instanceof Error ? error.message : String(error);
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(ms < 10_000 ? 2 : 0))} s`;
}
