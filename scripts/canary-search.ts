import { createReadStream } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { formsOf } from "../lib/redact/forms.ts";
import { needleSearch } from "../lib/redact/needles.ts";

/** A value that no report and no evidence may hold, and what it is, in words without it. */
export interface Canary {
  name: string;
  value: string;
}

/** A file that holds one. */
export interface CanaryFind {
  /** Relative to the folder. */
  file: string;
  /** The canary's. */
  name: string;
}

/** Shorter values stand in files by chance, and so do shorter parts of longer ones. */
export const shortestCanary = 16;

/** What is held of a file in memory, in bytes; pieces overlap by more than a canary's longest form. */
const pieceBytes = 4_000_000;
const overlapBytes = 1_000;

/**
 * Searches every file below a folder, and the files' names, for every canary of at least 16 characters: as it is, line
 * by line, in JSON, in a URL, and in base64. Of a web token the payload and the signature are searched for by themselves.
 * Throws if the folder holds no file, as a search of nothing would find nothing.
 */
export async function searchFor(canaries: readonly Canary[], folder: string): Promise<CanaryFind[]> {
  // Bytes as characters, for canaries and files alike: nothing is lost in files that are no text.
  const needles = canaries.flatMap(({ name, value }) =>
    partsOf(value)
      .flatMap(formsOf)
      .map((form) => [Buffer.from(form).toString("latin1"), name] as const),
  );
  const find = needleSearch(needles, shortestCanary);
  const root = await realpath(folder);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  if (files.length === 0) throw new Error(`There is no file below \`${folder}\`, so there is nothing to search.`);
  const finds: CanaryFind[] = [];
  for (const path of files.toSorted()) {
    const file = relative(root, path);
    const names = new Set(find(Buffer.from(file).toString("latin1")).map(({ of }) => of));
    for await (const piece of piecesOf(path)) for (const { of } of find(piece)) names.add(of);
    finds.push(...[...names].map((name) => ({ file, name })));
  }
  return finds;
}

/** Bytes below a folder: how much a search looked at. */
export async function bytesBelow(folder: string): Promise<number> {
  const root = await realpath(folder);
  const entries = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(entries.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** A value and what betrays it. The header of a web token and the armour of a key are the same for many. */
function partsOf(value: string): string[] {
  const [, payload, signature] = /^eyJ[\w-]+\.([\w-]+)\.([\w-]+)$/.exec(value.trim()) ?? [];
  if (payload && signature) return [`${payload}.${signature}`, payload, signature];
  return [value.replaceAll(/^-----(?:BEGIN|END) .*-----$/gm, "")];
}

async function* piecesOf(path: string): AsyncGenerator<string> {
  let before = "";
  for await (const chunk of createReadStream(path, { encoding: "latin1", highWaterMark: pieceBytes })) {
    const piece = before + String(chunk);
    yield piece;
    before = piece.slice(-overlapBytes);
  }
}
