import { open, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import type { RunReport } from "./model.ts";

/** One attached file, as much of it as a page shows. */
export interface EvidenceFile {
  /** Of the whole file. */
  bytes: number;
  /** Its beginning and its end, with a line between that says what is left out. */
  text?: string | undefined;
  /** Why there is no text. */
  absent?: string | undefined;
}

/** By path, relative to the report folder. */
export type Evidence = ReadonlyMap<string, EvidenceFile>;

export interface EvidenceLimits {
  bytesPerFile: number;
  bytes: number;
  files: number;
}

export const evidenceLimits: EvidenceLimits = { bytesPerFile: 20_000, bytes: 3_000_000, files: 600 };

/**
 * The text of the files that broken stages and red and flaky checks have attached, in the order of the report until a
 * limit is reached. Never throws: why a file has no text is told in its place.
 */
export async function readEvidence(
  folder: string,
  { stages, cases }: Pick<RunReport, "stages" | "cases">,
  limits: EvidenceLimits = evidenceLimits,
): Promise<Evidence> {
  const broken = stages.filter(({ outcome }) => outcome !== "passed");
  const red = cases.filter(({ failure }) => failure !== undefined);
  const paths = new Set([...broken, ...red].flatMap(({ attachments = [] }) => attachments));
  const evidence = new Map<string, EvidenceFile>();
  let left = limits.bytes;
  for (const path of paths) {
    if (evidence.size >= limits.files) break;
    const file = await readOne(folder, path, Math.min(limits.bytesPerFile, left));
    left -= Buffer.byteLength(file.text ?? "");
    evidence.set(path, file);
  }
  return evidence;
}

async function readOne(folder: string, path: string, limit: number): Promise<EvidenceFile> {
  try {
    const [root, real] = await Promise.all([realpath(folder), realpath(join(folder, path))]);
    if (!real.startsWith(root + sep)) return { bytes: 0, absent: "it is not in the report folder" };
    await using file = await open(real, "r");
    const { size } = await file.stat();
    const whole = size <= limit;
    if (!whole && limit < 1_000) return { bytes: size, absent: "this page shows no more evidence" };
    const part = async (length: number, position: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    };
    const half = Math.floor((limit - 100) / 2);
    const parts = whole ? [await part(size, 0)] : [await part(half, 0), await part(half, size - half)];
    if (parts.some((bytes) => bytes.includes(0))) return { bytes: size, absent: "it is not text" };
    const note = `\n… ${size - 2 * half} bytes left out …\n`;
    return { bytes: size, text: parts.map((bytes) => textOf(bytes)).join(note) };
  } catch (error) {
    // Not the message, which has a path of this machine in it.
    return { bytes: 0, absent: `it cannot be read (${(error as NodeJS.ErrnoException).code ?? "no code"})` };
  }
}

/** Without the halves of characters at its ends. */
function textOf(bytes: Buffer): string {
  return bytes.toString("utf8").replace(/^\uFFFD+|\uFFFD+$/g, "");
}
