import { spawn } from "node:child_process";
import { openSync, closeSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { environmentError } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";

/** A process by an identity that a recycled pid cannot have: start time and command line belong to it. */
export interface Daemon {
  pid: number;
  /** Clock ticks from boot to the start of the process, field 22 of `/proc/<pid>/stat`. */
  startTime: string;
  argv: readonly string[];
}

export interface DaemonOptions {
  /** Program and arguments; a compiled program, so that its command line stays as given. */
  argv: readonly [string, ...string[]];
  /** Gets everything the program prints; begun anew at each start. */
  logFile: string;
  /** Who runs: pid, start time and command line, one a line, written before the program itself starts. */
  pidFile: string;
  env?: Record<string, string>;
}

/**
 * Starts a program in a session of its own, so that it outlives this process and no signal of a terminal reaches it.
 * The pid file is written by the started process itself: a kill of this one at any moment leaves no unknown daemon.
 * It takes milliseconds and cannot be interrupted, so that whoever stops it later knows it.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { argv, logFile, pidFile, env } = options;
  await mkdir(dirname(pidFile), { recursive: true });
  await mkdir(dirname(logFile), { recursive: true });
  await rm(pidFile, { force: true });
  const log = openSync(logFile, "w", 0o600);
  const child = spawn("sh", ["-c", announceAndRun, pidFile, ...argv], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, ...env },
  });
  closeSync(log);
  child.on("error", () => {}); // seen below: no pid file appears
  child.unref();
  return eventually(
    {
      what: `\`${argv[0]}\` is started`,
      budgetMs: timeouts.daemonReady,
      intervalMs: timeouts.daemonPoll,
    },
    async () => {
      const daemon = await readDaemon(pidFile);
      if (!daemon) throw new Error(`no pid file \`${pidFile}\` yet`);
      return daemon;
    },
  );
}

/** Whether this very process still runs; a zombie does not. */
export async function isAlive(daemon: Daemon): Promise<boolean> {
  const stat = await readProc(`/proc/${daemon.pid}/stat`);
  const { state, startTime } = parseStat(stat);
  if (startTime !== daemon.startTime || state === "Z" || state === "X") return false;
  const commandLine = await readProc(`/proc/${daemon.pid}/cmdline`);
  // Between its announcement and exec it still is the announcing shell, with the same words at its end.
  return commandLine.endsWith(`${daemon.argv.join("\0")}\0`);
}

/** The process a pid file tells of, whether it still runs or not. */
export async function readDaemon(pidFile: string): Promise<Daemon | undefined> {
  const text = await readFile(pidFile, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const [pid, startTime, ...argv] = text.trimEnd().split("\n");
  if (!pid || !startTime || argv.length === 0) return undefined;
  return { pid: Number(pid), startTime, argv };
}

/**
 * Ends the process: SIGTERM, after `graceMs` SIGKILL. Does nothing if it no longer runs.
 * Throws an environment error if it survives SIGKILL.
 */
export async function stopDaemon(daemon: Daemon, graceMs: number = timeouts.daemonStop): Promise<void> {
  if (await ended(daemon, "SIGTERM", graceMs)) return;
  if (await ended(daemon, "SIGKILL", timeouts.commandGrace)) return;
  throw environmentError(`Process ${daemon.pid} (\`${daemon.argv.join(" ")}\`) survives SIGKILL.`, {
    hint: "it waits in the kernel; look at `dmesg`",
  });
}

/** A running process as /proc shows it. */
export interface RunningProcess extends Daemon {
  parent: number;
}

/** Every running process of this machine with a command line; kernel threads and zombies have none. */
export async function runningProcesses(): Promise<RunningProcess[]> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const { startTime, parent } = parseStat(await readProc(`/proc/${pid}/stat`));
      const argv = (await readProc(`/proc/${pid}/cmdline`)).replace(/\0$/, "").split("\0");
      return { pid, startTime, parent, argv };
    }),
  );
  return found.filter(({ startTime, argv }) => startTime !== "" && argv[0] !== "");
}

/** The last lines a daemon printed, for an error's evidence. */
export async function tailOf(logFile: string, count = 20): Promise<string> {
  const text = await readFile(logFile, "utf8").catch((error: Error) => `no log: ${error.message}`);
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

// $0 is the pid file. `stat` of a process named `sh` has no blank in its second field, so words can be counted.
const announceAndRun = `
set -eu
read -r stat < /proc/$$/stat
start=$(set -- $stat; shift 21; echo "$1")
printf '%s\\n' $$ "$start" "$@" > "$0.$$"
mv "$0.$$" "$0"
exec "$@"
`;

/** Signals and waits; false if it still runs at the end. */
async function ended(daemon: Daemon, signal: "SIGTERM" | "SIGKILL", budgetMs: number): Promise<boolean> {
  if (!(await isAlive(daemon))) return true;
  try {
    process.kill(daemon.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
  const what = `process ${daemon.pid} is gone`;
  return eventually({ what, budgetMs, intervalMs: timeouts.daemonPoll }, async () => {
    if (await isAlive(daemon)) throw new Error("still running");
  }).then(
    () => true,
    () => false,
  );
}

/** State, parent and start time; the command's name, which may hold blanks and brackets, ends at the last bracket. */
function parseStat(stat: string): { state: string; parent: number; startTime: string } {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", parent: Number(fields[1]), startTime: fields[19] ?? "" };
}

/** A file of /proc; empty if the process is gone. */
export async function readProc(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ESRCH") return "";
    throw error;
  });
}
