import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { environmentError, interruptedError } from "../lib/errors.ts";
import { timeouts } from "../lib/timeouts.ts";
import { pause } from "../lib/wait.ts";
import type { JournalEvent } from "../reports/journal.ts";

/** Check files to run at once, and with what. */
export interface SuitesJob {
  /** Vitest configuration and the project in it. */
  config: string;
  project: string;
  files: readonly string[];
  /** In the order that the seed gives, or as they are. */
  shuffle: boolean;
  seed: number;
}

/** Around the checks: variables for them, where their own output goes, who hears of each one. */
export interface SuitesOptions {
  env: Readonly<Record<string, string>>;
  outputFile: string;
  onEvent(event: JournalEvent): void;
  /** Whether the journal holds a red check, which explains why the suites end with exit code 1. */
  isRed(): boolean;
  signal: AbortSignal;
}

const runner = fileURLToPath(new URL("suites-runner.ts", import.meta.url));

/**
 * Runs check files in a process group of their own, which a Ctrl-C at the terminal does not reach. At an abort they
 * are asked to end, and made to after twice `timeouts.commandGrace`; nothing of the group stays in any case. Red checks
 * are no error here; throws an environment error if the process died or ended red without a red check.
 */
export async function runSuites(job: SuitesJob, options: SuitesOptions): Promise<void> {
  const { env, outputFile, onEvent, isRed, signal } = options;
  signal.throwIfAborted();
  const output = openSync(outputFile, "a");
  const child = spawn(process.execPath, [runner, JSON.stringify(job)], {
    detached: true,
    stdio: ["ignore", output, output, "ipc"],
    env: { ...process.env, ...env },
  });
  closeSync(output);
  const ended = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;

  child.on("message", (event: JournalEvent) => onEvent(event));
  const endGroup = () => killGroup(child);
  const endGently = () => void cancel(child, ended);
  process.on("exit", endGroup);
  signal.addEventListener("abort", endGently, { once: true });
  try {
    const [code, killedBy] = await ended;
    const evidence = lastLines(outputFile, 20);
    if (signal.aborted) throw interruptedError("The suites were interrupted.", { cause: signal.reason });
    if (killedBy) throw environmentError(`The suites process was ended by ${killedBy}.`, { evidence });
    if (code === 0 || (code === 1 && isRed())) return;
    throw environmentError(`The suites process ended with exit code ${code}, and no check says why.`, { evidence });
  } finally {
    signal.removeEventListener("abort", endGently);
    process.off("exit", endGroup);
    endGroup();
  }
}

async function cancel(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.connected) child.send("cancel");
  const over = new AbortController();
  const patience = pause(2 * timeouts.commandGrace, over.signal).then(
    () => killGroup(child),
    () => undefined,
  );
  await ended;
  over.abort();
  await patience;
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function lastLines(path: string, count: number): string {
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(-count).join("\n");
}
