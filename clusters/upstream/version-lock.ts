import { readFile, rename, writeFile } from "node:fs/promises";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { environmentError } from "../../lib/errors.ts";
import { lockPathOf } from "../version-set.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits");

const schema = z.strictObject({
  /** Digest of each image, by its reference with the tag. */
  images: z.record(z.string(), z.string().regex(/^sha256:[0-9a-f]{64}$/, "expected sha256:…")).default({}),
  /** Checksum of each download, by its address. */
  files: z.record(z.string(), sha256).default({}),
  /** Commit of each tag, by `ADDRESS@TAG`. */
  repositories: z.record(z.string(), z.string().regex(/^[0-9a-f]{40}$/, "expected 40 hexadecimal digits")).default({}),
});

/**
 * What was once seen on a connected host, by the upstream's own names: a version that changes has no entry until it is
 * locked anew.
 */
export type VersionLock = z.infer<typeof schema>;

/** A lock in which nothing is, for whoever asks what there is now. */
export function emptyLock(): VersionLock {
  return { images: {}, files: {}, repositories: {} };
}

/** The lock of a set, empty where nobody has written one. Throws an environment error for a file that is none. */
export async function loadLock(name: string, path: string = lockPathOf(name)): Promise<VersionLock> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "{}";
    throw error;
  });
  const result = schema.safeParse(parse(text) ?? {});
  if (result.success) return result.data;
  throw environmentError(`\`${path}\` is no lock of a version set.`, {
    evidence: z.prettifyError(result.error),
    hint: `write it anew with \`scripts/vmesh artifacts --set ${name} --lock\``,
  });
}

/** Writes the lock of a set as a whole, in alphabetical order, so that a change shows as such. */
export async function saveLock(name: string, lock: VersionLock, path: string = lockPathOf(name)): Promise<string> {
  const { images, files, repositories } = lock;
  const sorted = { images: inOrder(images), files: inOrder(files), repositories: inOrder(repositories) };
  const comment = `# Written by \`scripts/vmesh artifacts --set ${name} --lock\`; by the upstream's own names, whatever mirror was asked.\n`;
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, comment + stringify(schema.parse(sorted), { lineWidth: 0 }));
  await rename(draft, path);
  return path;
}

function inOrder(entries: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
