import { parseArgs, type ParseArgsConfig } from "node:util";
import { describeError, exitCodeOf, exitCodes, usageError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { withInterrupts } from "./interrupts.ts";

/** A program of this folder beside `vmesh`. */
export interface Program<Options> {
  usage: string;
  log: Log;
  /** The options that were given, `help` if help was asked for. Throws a usage error. */
  read(): Options | "help";
  /** Returns the exit code. */
  work(options: Options, signal: AbortSignal): Promise<number>;
}

/** Runs it until it is done or interrupted, tells what went wrong, and ends this process with its exit code. */
export async function runProgram<Options>({ usage, log, read, work }: Program<Options>): Promise<never> {
  process.exit(await end());

  async function end(): Promise<number> {
    try {
      const options = read();
      if (options !== "help") return await withInterrupts(log, (signal) => work(options, signal));
      process.stdout.write(usage);
      return exitCodes.conformant;
    } catch (error) {
      process.stderr.write(`${describeError(error)}\n`);
      return exitCodeOf(error);
    }
  }
}

/** What `parseArgs` gives; what it does not take is a usage error that ends with the usage. */
export function parseOptions<T extends ParseArgsConfig>(config: T, usage: string): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (cause) {
    throw usageError(`${(cause as Error).message}\n${usage}`);
  }
}
