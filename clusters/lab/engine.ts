import { existsSync } from "node:fs";
import { z } from "zod";
import { environmentError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { isAlive, readDaemon } from "./daemon.ts";
import { docker } from "./docker.ts";
import { type EnginePaths, enginePaths, hasLabContainers, hasLeftovers, startDockerd, stopDockerd } from "./dockerd.ts";
import { type Lock, lockFile } from "./lock.ts";

/** A Docker engine that answers. */
export interface Engine {
  /** Path of its unix socket; `DOCKER_HOST` is `unix://` and this. */
  socket: string;
  /** Whether vmesh started it, in this process or an earlier one. */
  owned: boolean;
  version: string;
  /**
   * Gives it back. An owned engine stops when no other process uses it and no container of a lab is left; its data
   * root with the images stays, as a cache. A second call does nothing.
   */
  release(): Promise<void>;
}

export interface EngineOptions {
  /** vmesh's cache; the engine of ours keeps images, log and locks in its folder `engine`. */
  cacheDir: string;
  log: Log;
  signal?: AbortSignal | undefined;
}

/**
 * Finds an engine, in this order: `DOCKER_HOST`, the one vmesh started before, the system's socket, else starts
 * Debian's `dockerd`. Throws an environment error with the last 20 lines of its log if it does not come up.
 */
export async function ensureEngine(options: EngineOptions): Promise<Engine> {
  const engine =
    (await requestedEngine(options.log)) ??
    (await ownEngine(options, { start: false })) ??
    (await foreignEngine(systemSocket));
  return engine ?? ownEngine(options, { start: true });
}

/**
 * Every engine a lab may have been left in: the one vmesh started, brought back if it was killed, and the user's.
 * Starts nothing on a machine without such a leftover. The caller releases each.
 */
export async function attachEngines(options: EngineOptions): Promise<Engine[]> {
  // Asked first: it throws for a DOCKER_HOST of another machine, and then ours must not be held.
  const other = await answeringEngine(options.log);
  const own = await ownEngine(options, { start: false });
  // DOCKER_HOST may well name our own.
  return [own, other?.socket === own?.socket ? undefined : other].filter((engine) => engine !== undefined);
}

/** The user's engine that a lab would use, if one answers. Throws as `socketOf` does. */
export async function answeringEngine(log?: Log): Promise<Engine | undefined> {
  return (await requestedEngine(log)) ?? (await foreignEngine(systemSocket));
}

/** The socket's path in a `DOCKER_HOST`. Throws an environment error for an engine that is not on this machine. */
export function socketOf(dockerHost: string): string {
  const socket = /^unix:\/\/(\/.+)$/.exec(dockerHost)?.[1];
  if (socket) return socket;
  throw environmentError(
    `DOCKER_HOST is \`${dockerHost}\`, expected \`unix:///path\`: the lab needs an engine of this machine.`,
    {
      hint: "unset DOCKER_HOST, or name the socket of an engine that runs here",
    },
  );
}

const systemSocket = "/var/run/docker.sock";

async function requestedEngine(log?: Log): Promise<Engine | undefined> {
  const requested = process.env["DOCKER_HOST"];
  if (!requested) return undefined;
  const engine = await foreignEngine(socketOf(requested));
  if (!engine) log?.warn(`no Docker engine answers at DOCKER_HOST \`${requested}\`; another one is used`);
  return engine;
}

/** Somebody else's engine: used, never started or stopped. */
async function foreignEngine(socket: string): Promise<Engine | undefined> {
  const version = await versionOf(socket).catch(() => undefined);
  return version === undefined ? undefined : { socket, owned: false, version, release: async () => {} };
}

async function ownEngine(options: EngineOptions, how: { start: true }): Promise<Engine>;
async function ownEngine(options: EngineOptions, how: { start: boolean }): Promise<Engine | undefined>;
async function ownEngine(
  { cacheDir, log, signal }: EngineOptions,
  how: { start: boolean },
): Promise<Engine | undefined> {
  const paths = enginePaths(cacheDir);
  // One that was killed is started again to clean up after itself.
  if (!how.start && !hasLeftovers(paths)) return undefined;
  if (process.getuid?.() !== 0) {
    throw environmentError("No Docker engine answers, and only root can start one.", {
      hint: "run as root, or start Docker and put yourself into its group",
    });
  }
  const use = await lockFile(paths.useLock, { mode: "shared", signal });
  try {
    const version = await exclusively(paths.startLock, signal, async () => {
      if (!how.start && !hasLeftovers(paths)) return undefined;
      const daemon = await readDaemon(paths.pidFile);
      if (!daemon || !(await isAlive(daemon))) {
        log.info(`no Docker engine answers: starting \`dockerd\` with its data in ${paths.dataRoot}`);
        await startDockerd(paths, signal);
      }
      return versionOf(paths.socket, signal);
    });
    if (version !== undefined)
      return { socket: paths.socket, owned: true, version, release: () => releaseOwn(paths, use, log) };
  } catch (error) {
    await use.release();
    throw error;
  }
  await use.release();
  return undefined;
}

async function releaseOwn(paths: EnginePaths, use: Lock, log: Log): Promise<void> {
  await exclusively(paths.startLock, undefined, async () => {
    await use.release();
    const sole = await lockFile(paths.useLock, { mode: "exclusive", tryOnly: true });
    if (!sole) return log.debug("the Docker engine stays: another vmesh uses it");
    try {
      if (!existsSync(paths.runtimeDir)) return;
      if (await hasLabContainers(paths.socket)) return log.debug("the Docker engine stays: it runs a lab");
      await stopDockerd(paths);
    } finally {
      await sole.release();
    }
  });
}

async function exclusively<T>(path: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  const lock = await lockFile(path, { mode: "exclusive", signal });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

async function versionOf(socket: string, signal?: AbortSignal): Promise<string> {
  return z.object({ Version: z.string() }).parse((await docker(socket, "/version", { signal })).body).Version;
}
