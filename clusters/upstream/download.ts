import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { environmentError, HarnessError, interruptedError } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { deadline, untilAborted } from "../../lib/wait.ts";

export interface DownloadOptions {
  signal: AbortSignal;
  /** How long a server may send nothing; `timeouts.downloadSilence` when not given. */
  silenceMs?: number;
  /** Hears of the bytes that have come, and of those that will, where the server says so. */
  onBytes?: (done: number, total: number | undefined) => void;
}

/**
 * Writes what an address serves to a file and returns its SHA-256. Redirects are followed. Throws an environment error
 * that names the address: another status than 200, a server that falls silent, a body that ends early.
 */
export async function download(url: string, path: string, options: DownloadOptions): Promise<string> {
  return save(url, (signal) => fetch(url, { signal }), path, options);
}

/** `download` for an answer that takes more than an address: `url` only names it. */
export async function save(
  url: string,
  ask: (signal: AbortSignal) => Promise<Response>,
  path: string,
  options: DownloadOptions,
): Promise<string> {
  const { signal, silenceMs = timeouts.downloadSilence, onBytes } = options;
  const within = deadline(timeouts.download, signal);
  const stop = new AbortController();
  const budget = AbortSignal.any([within, stop.signal]);
  const unlessSilent = <T>(work: () => Promise<T>) => untilAborted(deadline(silenceMs, budget), work);
  const hash = createHash("sha256");
  let done: number | undefined;
  try {
    const response = await unlessSilent(() => ask(budget));
    if (response.status !== 200) throw await refusal(url, response);
    const total = lengthOf(response);
    done = 0;
    await using file = await open(path, "w");
    const reader = response.body?.getReader();
    for (;;) {
      const part = await unlessSilent(async () => reader?.read());
      if (!part?.value) break;
      hash.update(part.value);
      await file.write(part.value);
      done += part.value.length;
      onBytes?.(done, total);
    }
    return hash.digest("hex");
  } catch (cause) {
    if (cause instanceof HarnessError) throw cause;
    if (signal.aborted) throw interruptedError(`Interrupted while fetching \`${url}\`.`, { cause });
    throw failure(url, { cause, done, silenceMs, late: within.aborted });
  } finally {
    // Whatever is still under way is not wanted any more.
    stop.abort();
  }
}

async function refusal(url: string, response: Response): Promise<HarnessError> {
  const text = await response.text().catch(() => "");
  const from = response.redirected ? ` (redirected to \`${response.url}\`)` : "";
  return environmentError(`\`${url}\`${from} answers with status ${response.status}, expected 200.`, {
    evidence: text.slice(0, 300),
    hint: "see whether the version exists, and whether the mirror has it",
  });
}

function failure(
  url: string,
  { cause, done, silenceMs, late }: { cause: unknown; done: number | undefined; silenceMs: number; late: boolean },
): HarnessError {
  const after = done === undefined ? "" : ` after ${done} bytes`;
  const timeout = cause instanceof DOMException && cause.name === "TimeoutError";
  if (late) {
    return environmentError(`\`${url}\` did not come within ${timeouts.download / 1000} s (\`download\`)${after}.`, {
      cause,
    });
  }
  if (timeout) {
    return environmentError(`\`${url}\` sent nothing for ${silenceMs / 1000} s (\`downloadSilence\`)${after}.`, {
      cause,
    });
  }
  const hint =
    "without internet name a mirror (`mirror`), or fetch on another host with `scripts/vmesh artifacts --fetch`";
  if (done !== undefined) return environmentError(`\`${url}\` broke off${after}.`, { cause });
  return environmentError(`\`${url}\` cannot be fetched.`, { cause, hint });
}

/** Compressed bodies come longer than their length says. */
function lengthOf(response: Response): number | undefined {
  const length = response.headers.get("content-length");
  return length === null || response.headers.has("content-encoding") ? undefined : Number(length);
}
