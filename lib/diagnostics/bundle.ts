import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describeError } from "../errors.ts";
import { redactor } from "../redact.ts";
import { deadline, untilAborted } from "../wait.ts";
import { firstBytes, lastBytes } from "./cut.ts";
import { plain } from "./plain.ts";

/** What a bundle may hold at most. */
export interface Bounds {
  /** Of all files together. */
  bytes: number;
  bytesPerFile: number;
  files: number;
}

/** Of the bundle of one check. */
export const checkBounds: Bounds = { bytes: 1_000_000, bytesPerFile: 50_000, files: 200 };

/** Kept free for `problems.txt`, in bytes. */
const problemBytes = 20_000;

/** Characters of one line there: its beginning, and its end, where the exit code and the last words of a command are. */
const problemLength = { head: 200, tail: 400 };

export interface BundleOptions {
  /** Ends all collecting. */
  signal: AbortSignal;
  /** For each collector. */
  collectorMs: number;
  bounds?: Bounds;
}

/** What a bundle kept. */
export interface Kept {
  /** Paths of the files. */
  files: string[];
  /** Why not everything could be written, if so. */
  lost?: string;
}

/** A folder of evidence under way. Whatever is written into it is free of secrets and within its bounds. */
export interface Bundle {
  /** Values that no file may show from now on. */
  hide(values: Iterable<string>): void;
  /** Runs a collector; what it throws, or that it takes too long, becomes a line of `problems.txt`. Never rejects. */
  collect<T>(what: string, work: (signal: AbortSignal) => Promise<T>, limitMs?: number): Promise<T | undefined>;
  /** Writes a file, of a long text its end unless the `first` bytes are asked for; an empty text makes no file. Never rejects. */
  write(name: string, text: string, keep?: "first" | "last"): Promise<void>;
  /** Writes the end of a file of this machine. Rejects if it cannot be read. */
  copy(name: string, path: string): Promise<void>;
  /** Adds a line to `problems.txt`. */
  problem(sentence: string): void;
  /** Ends the bundle: what comes later is dropped. */
  close(): Promise<Kept>;
}

/** A bundle in a folder, which is made when there is something to write. */
export function openBundle(folder: string, options: BundleOptions): Bundle {
  const { signal, collectorMs, bounds = checkBounds } = options;
  const files: string[] = [];
  const problems: string[] = [];
  const hidden = new Set<string>();
  const pending = new Set<Promise<void>>();
  let redact = redactor();
  let left = bounds.bytes - problemBytes;
  let count = 0;
  let lost: string | undefined;
  let closed = false;

  const put = async (name: string, text: string): Promise<void> => {
    const path = join(folder, name);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      files.push(path);
    } catch (error) {
      // Half a file is no evidence; should it not go either, it stays unnamed.
      await rm(path, { force: true }).catch(() => undefined);
      const sentence = `\`${name}\` cannot be written: ${describeError(error)}`;
      lost ??= sentence;
      problems.push(sentence);
    }
  };
  const bundle: Bundle = {
    hide(values) {
      for (const value of values) hidden.add(value);
      redact = redactor(hidden);
    },
    problem: (sentence) => void problems.push(sentence),
    async collect(what, work, limitMs = collectorMs) {
      const limit = deadline(limitMs, signal);
      try {
        return await untilAborted(limit, work);
      } catch (error) {
        const late = signal.aborted ? "there was no time left" : `it did not end within ${limitMs / 1000} s`;
        problems.push(`${what}: ${limit.aborted ? late : describeError(error)}`);
        return undefined;
      }
    },
    async write(name, text, keep = "last") {
      const cut = keep === "first" ? firstBytes : lastBytes;
      // Cut with room to spare before it is masked, which takes some tenths of a second for a megabyte.
      const part = cut(text, 4 * bounds.bytesPerFile);
      const room = redact(plain(part));
      if (closed || room === "") return;
      if (count >= bounds.files) return bundle.problem(`${name}: left out, as there are ${bounds.files} files already`);
      // Never more than a quarter of what is left, so that there is something of everything.
      const kept = cut(room, Math.min(bounds.bytesPerFile, Math.floor(left / 4)));
      const bytes = Buffer.byteLength(kept);
      count += 1;
      left -= bytes;
      if (kept !== room || part !== text) {
        bundle.problem(`${name}: only the ${keep} ${bytes} bytes are kept`);
      }
      const writing = put(name, kept);
      pending.add(writing);
      await writing;
      pending.delete(writing);
    },
    copy: async (name, path) => bundle.write(name, await endOf(path, 4 * bounds.bytesPerFile + 1)),
    async close() {
      closed = true;
      await Promise.all(pending);
      if (problems.length > 0) {
        const lines = problems.map((problem) => `${oneLine(redact(plain(problem)))}\n`);
        await put("problems.txt", firstBytes(lines.join(""), problemBytes));
      }
      return { files, ...(lost !== undefined && { lost }) };
    },
  };
  return bundle;
}

/** A mistake in collecting must not take the place of the error that the evidence is for: it is told in the bundle. */
export async function guarded(bundle: Bundle, collect: (bundle: Bundle) => Promise<void>): Promise<void> {
  try {
    await collect(bundle);
  } catch (error) {
    bundle.problem(`the collecting ended early: ${describeError(error)}`);
  }
}

/** The last bytes of a file, of which logs of a control plane have a thousand times more. */
async function endOf(path: string, bytes: number): Promise<string> {
  await using file = await open(path);
  const { size } = await file.stat();
  const length = Math.min(size, bytes);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.toString("utf8", 0, bytesRead);
}

function oneLine(text: string): string {
  const line = text.trim().replaceAll(/\s*\n\s*/g, " | ");
  const { head, tail } = problemLength;
  return line.length > head + tail ? `${line.slice(0, head)} … ${line.slice(-tail)}` : line;
}
