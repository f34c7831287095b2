import { exitCodes, interruptedError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";

/**
 * Runs the work with a signal that aborts at the first SIGINT or SIGTERM, so that it can clean up and report.
 * The second one ends the process at once.
 */
export async function withInterrupts<T>(log: Log, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      log.warn(`${name} again: ending at once. \`scripts/vmesh clean\` removes what is left.`);
      process.exit(exitCodes.interrupted);
    }
    log.warn(`${name}: cleaning up and writing the report; once more ends at once.`);
    controller.abort(interruptedError(`Interrupted by ${name}.`));
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal).on("SIGHUP", onSignal);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal).off("SIGHUP", onSignal);
  }
}
