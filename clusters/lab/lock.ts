import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { environmentError, interruptedError } from "../../lib/errors.ts";

/** A held lock. It ends with `release`, or with this process, however that ends. */
export interface Lock {
  /** A second call does nothing. */
  release(): Promise<void>;
}

export interface LockOptions {
  mode: "shared" | "exclusive";
  /** Return `undefined` at once where another holds it, instead of waiting. */
  tryOnly?: boolean;
  signal?: AbortSignal | undefined;
}

/**
 * Locks a file between processes. The holder is a `flock` child that ends when its standard input does, so the kernel
 * frees the lock even after `kill -9`; it has a session of its own, so Ctrl-C in a terminal does not free it early.
 */
export async function lockFile(path: string, options: LockOptions & { tryOnly: true }): Promise<Lock | undefined>;
export async function lockFile(path: string, options: LockOptions): Promise<Lock>;
export async function lockFile(path: string, options: LockOptions): Promise<Lock | undefined> {
  const { mode, tryOnly = false, signal } = options;
  await mkdir(dirname(path), { recursive: true });
  const wait = tryOnly ? ["--nonblock", "--conflict-exit-code", String(taken)] : [];
  const holder = spawn("flock", [`--${mode}`, ...wait, path, "sh", "-c", "echo locked; exec cat"], {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const exit = Promise.withResolvers<number | null>();
  holder.once("error", exit.reject);
  holder.once("close", exit.resolve);
  exit.promise.catch(() => {}); // awaited below; a late one has no one left to tell
  const locked = new Promise<"locked">((resolve) => holder.stdout.once("data", () => resolve("locked")));
  let complaint = "";
  holder.stderr.on("data", (chunk) => (complaint += String(chunk)));
  // Kills the waiting `flock`; an aborted signal later no longer frees a lock that is held.
  const abort = () => void holder.kill();
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) abort();
  try {
    const outcome = await Promise.race([locked, exit.promise]);
    if (outcome !== "locked") {
      if (signal?.aborted) throw interruptedError(`Interrupted while waiting for the lock \`${path}\`.`);
      if (tryOnly && outcome === taken) return undefined;
      throw environmentError(`\`flock ${path}\` ended with exit code ${outcome}.`, { evidence: complaint });
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw environmentError("`flock` is not installed.", { cause, hint: "install Debian's `util-linux`" });
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  // A lock that nobody releases must not keep this process from its end, which releases it.
  const handles = [holder, holder.stdin, holder.stdout, holder.stderr] as unknown as Handle[];
  for (const handle of handles) handle.unref();
  return {
    async release() {
      for (const handle of handles) handle.ref();
      holder.stdin.end();
      await exit.promise;
    },
  };
}

/** Pipes of a child are sockets, though the types call them plain streams. */
type Handle = { ref(): void; unref(): void };

/** Exit code by which `flock --nonblock` says that another holds the lock; its default, 1, also means other things. */
const taken = 75;
