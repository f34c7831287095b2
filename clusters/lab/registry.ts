import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { createHash, randomBytes } from "node:crypto";
import { stringify } from "yaml";
import { HarnessError, environmentError } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import { type Daemon, isAlive, readDaemon, startDaemon, stopDaemon, tailOf } from "./daemon.ts";

export interface RegistryOptions {
  /** Folder with the images. Many registries may read it at once; one that is written to has it alone. */
  storage: string;
  /** Folder for configuration, pid file and log of this registry. */
  stateDir: string;
  /** The one address it listens on: the gateway of the lab's network for nodes, 127.0.0.1 for pushes. */
  address: string;
  /** A free one when not given. */
  port?: number;
  /** Refuse pushes and deletes: for runs, which share the storage. */
  readOnly: boolean;
  signal?: AbortSignal | undefined;
}

/** A registry that answers. */
export interface Registry {
  /** `address:port`, as in an image reference. */
  endpoint: string;
  stop(): Promise<void>;
}

/** The name under which nodes know the registry, whatever its address is. */
export const registryName = "registry.vmesh.lab:5000";

/**
 * Starts Debian's `docker-registry` as a process of its own that outlives this one. Throws an environment error with
 * the end of its log if it does not answer: port taken, storage not writable.
 */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const { storage, stateDir, address, readOnly, signal } = options;
  await Promise.all([mkdir(storage, { recursive: true }), mkdir(stateDir, { recursive: true })]);
  await stopRegistry(stateDir);
  const port = options.port ?? (await freePort(address));
  const endpoint = `${address}:${port}`;
  const { config, pidFile, logFile } = filesOf(stateDir);
  const secret = randomBytes(16).toString("hex");
  await writeFile(config, registryConfig({ storage, endpoint, readOnly, secret }), { mode: 0o600 });
  try {
    const argv = ["docker-registry", "serve", config] as const;
    const daemon = await startDaemon({ argv: [...argv], pidFile, logFile });
    await untilAnswering(daemon, { endpoint, secret, logFile, signal });
  } catch (error) {
    await stopRegistry(stateDir);
    throw error;
  }
  return { endpoint, stop: async () => void (await stopRegistry(stateDir)) };
}

/** Stops the registry of a state folder, also one that another process started. Returns whether one was running. */
export async function stopRegistry(stateDir: string): Promise<boolean> {
  const { pidFile } = filesOf(stateDir);
  const daemon = await readDaemon(pidFile);
  const running = daemon !== undefined && (await isAlive(daemon));
  if (daemon) await stopDaemon(daemon);
  await rm(pidFile, { force: true });
  return running;
}

/** The registry's own configuration file. */
export function registryConfig(options: {
  storage: string;
  endpoint: string;
  readOnly: boolean;
  secret: string;
}): string {
  return stringify({
    version: "0.1",
    log: { level: "warn", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: options.storage },
      cache: { blobdescriptor: "inmemory" },
      // Its clean-up of old uploads would delete in a folder that others use.
      maintenance: { uploadpurging: { enabled: false }, readonly: { enabled: options.readOnly } },
    },
    http: { addr: options.endpoint, secret: options.secret, headers: { [identity]: [fingerprint(options.secret)] } },
  });
}

function filesOf(stateDir: string): { config: string; pidFile: string; logFile: string } {
  return {
    config: `${stateDir}/registry.yaml`,
    pidFile: `${stateDir}/registry.pid`,
    logFile: `${stateDir}/registry.log`,
  };
}

/** Response header by which a registry of ours is told from another program on the same port. */
const identity = "X-Vmesh-Registry";

function fingerprint(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 16);
}

async function untilAnswering(
  daemon: Daemon,
  expected: { endpoint: string; secret: string; logFile: string; signal: AbortSignal | undefined },
): Promise<void> {
  const { endpoint, secret, logFile, signal } = expected;
  const what = `the registry answers at ${endpoint}`;
  const state = await eventually(
    { what, budgetMs: timeouts.daemonReady, intervalMs: timeouts.daemonPoll, signal },
    async (inner) => {
      if (!(await isAlive(daemon))) return "ended";
      const { status, headers } = await fetch(`http://${endpoint}/v2/`, { signal: inner });
      if (status !== 200) throw new Error(`status ${status}, expected 200`);
      if (headers.get(identity) !== fingerprint(secret)) throw new Error("another program has this port");
      return "answers";
    },
  ).catch(async (cause: unknown) => {
    if (cause instanceof HarnessError && cause.kind === "interrupted") throw cause;
    throw environmentError(`The registry at ${endpoint} does not answer.`, { cause, evidence: await tailOf(logFile) });
  });
  if (state === "answers") return;
  throw environmentError(`The registry at ${endpoint} ended while starting.`, { evidence: await tailOf(logFile) });
}

/** A port nobody has on this address now. */
function freePort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (cause) => reject(environmentError(`No port of ${address} can be had.`, { cause })));
    server.listen(0, address, () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === "object" && bound ? bound.port : 0));
    });
  });
}
