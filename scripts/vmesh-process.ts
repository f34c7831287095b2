import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { environmentError, HarnessError, interruptedError } from "../lib/errors.ts";
import { readReport } from "../reports/read.ts";
import type { Statement } from "../reports/statement-schema.ts";
import { resolveCluster } from "./cluster-state.ts";
import { openReportFolder } from "./report-folder.ts";

export interface ProcessOptions {
  /** Where all that it prints goes; added to what is there. */
  outputFile: string;
  /** Exit codes that are no error. */
  accept: readonly number[];
  signal: AbortSignal;
  env?: Readonly<Record<string, string>>;
  onStart?(pid: number): void;
}

/**
 * Calls a program of this folder as a user does, `vmesh` say, and waits until it has ended, at an abort after its own
 * cleaning up. Throws an environment error for an exit code that is not accepted. Returns the seconds it took.
 */
export async function callProgram(name: string, args: readonly string[], options: ProcessOptions): Promise<number> {
  const { outputFile, accept, signal } = options;
  const { pid, ended } = startProgram(name, args, options);
  options.onStart?.(pid);
  const { end, seconds } = await ended;
  const command = `\`${["scripts/" + name, ...args].join(" ")}\``;
  if (signal.aborted) throw interruptedError(`${command} was interrupted.`, { cause: signal.reason });
  if (typeof end === "number" && accept.includes(end)) return seconds;
  const evidence = readFileSync(outputFile, "utf8").trimEnd().split("\n").slice(-20).join("\n");
  const how = typeof end === "number" ? `exit code ${end}` : end;
  throw environmentError(`${command} ended with ${how}, expected ${accept.join(" or ")}.`, { evidence });
}

/** Starts a program of this folder, which gets SIGTERM at an abort. `ended` tells its exit code or what killed it. */
export function startProgram(
  name: string,
  args: readonly string[],
  { outputFile, signal, env }: Pick<ProcessOptions, "outputFile" | "signal" | "env">,
): { pid: number; ended: Promise<{ end: number | NodeJS.Signals; seconds: number }> } {
  signal.throwIfAborted();
  const output = openSync(outputFile, "a");
  const started = performance.now();
  // A process group of its own: a Ctrl-C at the terminal would reach it beside our SIGTERM, and two end it uncleanly.
  const child = spawn(fileURLToPath(new URL(name, import.meta.url)), args, {
    detached: true,
    stdio: ["ignore", output, output],
    // What such a run finds is judged by its caller: a mutation's red check is no news for GitHub.
    env: { ...process.env, GITHUB_ACTIONS: undefined, GITHUB_STEP_SUMMARY: undefined, ...env },
  });
  closeSync(output);
  const { pid } = child;
  if (pid === undefined) throw environmentError(`\`scripts/${name}\` cannot be started.`);
  const forward = () => child.kill("SIGTERM");
  signal.addEventListener("abort", forward, { once: true });
  const ended = (async () => {
    const [exitCode, killedBy] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    signal.removeEventListener("abort", forward);
    return { end: killedBy ?? exitCode ?? 0, seconds: (performance.now() - started) / 1000 };
  })();
  return { pid, ended };
}

/** A new folder inside `out`, named by the time; `latest` beside it points to it. */
export async function openFolder(out: string): Promise<string> {
  const name = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  return (await openReportFolder(out, name)).path;
}

/** The report of the last run with `--out <out>`. Throws an environment error if it left none that can be read. */
export async function latestReport(out: string): Promise<Statement> {
  try {
    return (await readReport("latest", out)).report;
  } catch (cause) {
    throw environmentError(`The last run with \`--out ${out}\` left no report that can be read.`, { cause });
  }
}

/**
 * Works on the cluster named, else on the one that is up, else on one that is started for it and removed afterwards.
 * `work` gets the path of the environment file, and the seconds the start took if there was one.
 */
export async function withCluster<T>(
  cluster: string | undefined,
  options: Pick<ProcessOptions, "outputFile" | "signal">,
  work: (environmentFile: string, upSeconds: number | undefined) => Promise<T>,
): Promise<T> {
  const existing = cluster === undefined ? await currentCluster() : await resolveCluster(cluster);
  if (existing !== undefined) return work(existing, undefined);
  const upSeconds = await callProgram("vmesh", ["up"], { ...options, accept: [0] });
  try {
    return await work(await resolveCluster("current"), upSeconds);
  } finally {
    // An interrupt ends the work, not the removal.
    await callProgram("vmesh", ["down"], { ...options, signal: new AbortController().signal, accept: [0] });
  }
}

async function currentCluster(): Promise<string | undefined> {
  try {
    return await resolveCluster("current");
  } catch (error) {
    if (error instanceof HarnessError && error.kind === "environment") return undefined;
    throw error;
  }
}
