import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { z } from "zod";
import { run } from "../../lib/command.ts";
import { environmentError } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import { type Daemon, isAlive, readDaemon, runningProcesses, startDaemon, stopDaemon, tailOf } from "./daemon.ts";
import { clusterLabel, docker, filters } from "./docker.ts";

/** Where the files of vmesh's own engine are. Runtime files are in /run: socket paths end at 107 characters. */
export interface EnginePaths {
  runtimeDir: string;
  dataRoot: string;
  logFile: string;
  socket: string;
  pidFile: string;
  useLock: string;
  startLock: string;
}

export function enginePaths(cacheDir: string): EnginePaths {
  const folder = resolve(cacheDir, "engine");
  const runtimeDir = `/run/vmesh-${createHash("sha256").update(folder).digest("hex").slice(0, 8)}`;
  return {
    runtimeDir,
    dataRoot: `${folder}/data`,
    logFile: `${folder}/engine.log`,
    socket: `${runtimeDir}/docker.sock`,
    pidFile: `${runtimeDir}/vmesh.pid`,
    useLock: `${folder}/use.lock`,
    startLock: `${folder}/start.lock`,
  };
}

/**
 * Starts Debian's `dockerd` so that it changes nothing of the host: no bridge, no iptables rule, no ip_forward, and
 * its own configuration instead of the system's. Resolves once it answers. On failure nothing of it is left.
 */
export async function startDockerd(paths: EnginePaths, signal?: AbortSignal): Promise<void> {
  const isRecovery = existsSync(paths.runtimeDir);
  await mkdir(paths.runtimeDir, { recursive: true, mode: 0o700 });
  const config = `${paths.runtimeDir}/daemon.json`;
  await writeFile(config, JSON.stringify(configuration(paths), null, 2));
  await stopHelpers(paths);
  // Their pids may be somebody else's by now, and each program believes its own old file.
  await rm(dockerdPidFile(paths), { force: true });
  await rm(`${paths.runtimeDir}/exec/containerd/containerd.pid`, { force: true });
  try {
    const daemon = await startDaemon({
      argv: ["dockerd", "--config-file", config],
      ...paths,
      env: { PATH: systemPath() },
    });
    await untilAnswering(daemon, paths, signal);
  } catch (error) {
    await stopProcesses(paths);
    // What the killed engine left is still to be cleaned up by the next start.
    if (!isRecovery) await rm(paths.runtimeDir, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Stops it with everything it started, networks and mounts included, and removes its runtime folder. Images stay.
 * Does nothing to an engine that is stopped. The caller has made sure that nobody uses it.
 */
export async function stopDockerd(paths: EnginePaths): Promise<void> {
  await stopProcesses(paths);
  await rm(paths.runtimeDir, { recursive: true, force: true });
}

/** Whether an engine runs or left something: a stopped one has no runtime folder, and no container after a reboot. */
export function hasLeftovers({ runtimeDir, dataRoot }: EnginePaths): boolean {
  if (existsSync(runtimeDir)) return true;
  const containers = `${dataRoot}/containers`;
  return process.getuid?.() === 0 && existsSync(containers) && readdirSync(containers).length > 0;
}

/** Whether a container of any lab, running or not, is in the engine. */
export async function hasLabContainers(socket: string): Promise<boolean> {
  const { body } = await docker(socket, `/containers/json?all=true&filters=${filters({ label: [clusterLabel] })}`);
  return z.array(z.unknown()).parse(body).length > 0;
}

/** What mountinfo says is mounted at or below one of the folders, the last mounted first. */
export function mountsBelow(mountinfo: string, folders: readonly string[]): string[] {
  return mountinfo
    .split("\n")
    .map((line) =>
      (line.split(" ")[4] ?? "").replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
    )
    .filter((path) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`)))
    .reverse();
}

function configuration(paths: EnginePaths): unknown {
  return {
    "data-root": paths.dataRoot,
    "exec-root": `${paths.runtimeDir}/exec`,
    pidfile: dockerdPidFile(paths),
    hosts: [`unix://${paths.socket}`],
    group: "root",
    bridge: "none",
    iptables: false,
    ip6tables: false,
    "ip-forward": false,
    "ip-masq": false,
    "userland-proxy": false,
  };
}

function dockerdPidFile({ runtimeDir }: EnginePaths): string {
  return `${runtimeDir}/dockerd.pid`;
}

/** dockerd looks for containerd, runc and iptables in PATH; a user's may lack the folders of the superuser. */
function systemPath(): string {
  return `${process.env["PATH"] ?? "/usr/bin:/bin"}:/usr/local/sbin:/usr/sbin:/sbin`;
}

async function untilAnswering(daemon: Daemon, paths: EnginePaths, signal: AbortSignal | undefined): Promise<void> {
  const what = "`dockerd` answers";
  const state = await eventually(
    { what, budgetMs: timeouts.daemonReady, intervalMs: timeouts.daemonPoll, signal },
    async (inner) => {
      if (!(await isAlive(daemon))) return "ended";
      await docker(paths.socket, "/_ping", { signal: inner });
      return "answers";
    },
  ).catch(async (cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw environmentError("`dockerd` runs, but does not answer.", { cause, evidence: await tailOf(paths.logFile) });
  });
  if (state === "answers") return;
  throw environmentError("`dockerd` ended while starting.", {
    evidence: await tailOf(paths.logFile),
    hint: `see ${paths.logFile}; \`scripts/vmesh doctor\` says what this machine lacks`,
  });
}

async function stopProcesses(paths: EnginePaths): Promise<void> {
  const daemon = await readDaemon(paths.pidFile);
  if (daemon && (await isAlive(daemon))) {
    // Bridges outlive the engine. One that does not even answer is stopped all the same.
    await docker(paths.socket, "/networks/prune", { method: "POST" }).catch(() => undefined);
    await stopDaemon(daemon);
  }
  await stopHelpers(paths);
}

/** Ends what outlives a killed `dockerd`, and its mounts; containers without an engine ignore a polite signal. */
async function stopHelpers(paths: EnginePaths): Promise<void> {
  const helpers = await helpersOf(paths.runtimeDir);
  await Promise.all(helpers.map((helper) => stopDaemon(helper, timeouts.daemonPoll)));
  await unmountBelow([paths.runtimeDir, paths.dataRoot]);
}

/** containerd and its shims of this engine, and what a shim without an engine still runs. */
async function helpersOf(runtimeDir: string): Promise<Daemon[]> {
  const processes = await runningProcesses();
  const helpers = processes.filter(
    ({ argv }) =>
      ["containerd", "containerd-shim-runc-v2", "docker-proxy"].includes(basename(argv[0] ?? "")) &&
      argv.some((word) => word.startsWith(`${runtimeDir}/`)),
  );
  const shims = new Set(helpers.filter(({ argv }) => argv[0]?.includes("-shim")).map(({ pid }) => pid));
  return [...processes.filter(({ parent }) => shims.has(parent)), ...helpers];
}

async function unmountBelow(folders: readonly string[]): Promise<void> {
  for (const path of mountsBelow(await readFile("/proc/self/mountinfo", "utf8"), folders)) {
    await run("umount", ["--lazy", path], { timeoutMs: timeouts.hostCommand });
  }
}
