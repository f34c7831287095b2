import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { nearest } from "../lib/config.ts";
import { usageError } from "../lib/errors.ts";

const fileReference = z.strictObject({
  /** Where its project publishes it. `${platform}` is `linux-amd64` and the like, `${arch}` the part after the dash. */
  url: z.string().regex(/^https?:\/\/[^/]+\/./, "expected an address with a path"),
  /** What `${platform}` is where the project writes it otherwise: `{ linux-amd64: k3s }`. */
  platforms: z.record(z.string(), z.string()).optional(),
  /** The download is an archive, and this path in it is the file that is meant. */
  unpack: z.string().min(1).optional(),
  /** The file is a program. */
  executable: z.boolean().default(false),
});

/** One file of a version set, as its project publishes it. */
export type FileReference = z.infer<typeof fileReference>;

const schema = z
  .strictObject({
    summary: z.string().min(1),
    versions: z.record(z.string(), z.string().min(1)),
    images: z.record(z.string(), z.string()).default({}),
    files: z.record(z.string(), fileReference).default({}),
    /** Repositories of which a tag is cloned, which is the version of their name. */
    repositories: z.record(z.string(), z.url()).default({}),
    notes: z.string().optional(),
  })
  .refine(
    ({ versions, repositories }) => Object.keys(repositories).every((name) => Object.hasOwn(versions, name)),
    "expected a version, which is the tag, for each of `repositories`",
  );

/** Versions that belong together, and where their projects publish what they are made of. */
export interface VersionSet {
  name: string;
  /** One line for lists. */
  summary: string;
  versions: Record<string, string>;
  /** References by the part of a component they are, as in `ClusterAccess.parts`. */
  images: Record<string, string>;
  files: Record<string, FileReference>;
  repositories: Record<string, string>;
  notes?: string | undefined;
}

const folder = join(import.meta.dirname, "versions");
const lockEnding = ".lock.yaml";

/** The sets under `versions/`, in alphabetical order. */
export const versionSetNames: readonly string[] = globSync("*.yaml", { cwd: folder })
  .filter((file) => !file.endsWith(lockEnding))
  .map((file) => basename(file, ".yaml"))
  .toSorted();

/** The file with the checksums and digests of a set. */
export function lockPathOf(name: string): string {
  return join(folder, `${name}${lockEnding}`);
}

/** Throws a usage error with the known names and the nearest one if there is no such set. */
export function demandVersionSet(name: string): void {
  if (versionSetNames.includes(name)) return;
  throw usageError(`There is no version set \`${name}\`. Known: ${versionSetNames.join(", ")}.`, {
    hint: `the nearest one is \`${nearest(name, versionSetNames)}\``,
  });
}

/**
 * Reads a set by its name, with other versions of what `instead` names. Throws a usage error for an unknown set, for a
 * file that is not as a set has to be, and for a version of something that the set does not have.
 */
export async function loadVersionSet(
  name: string,
  instead: Readonly<Record<string, string>> = {},
): Promise<VersionSet> {
  demandVersionSet(name);
  return parseVersionSet(name, await readFile(join(folder, `${name}.yaml`), "utf8"), instead);
}

/**
 * A set from its text. In images and addresses `${istio}` is the version of that name and `${istio.branch}` its first
 * two numbers. Throws a usage error for what is not as it has to be, and for a version that the set does not name.
 */
export function parseVersionSet(
  name: string,
  text: string,
  instead: Readonly<Record<string, string>> = {},
): VersionSet {
  const result = schema.safeParse(parse(text));
  if (!result.success) {
    throw usageError(`The version set \`${name}\` is not valid.`, { evidence: z.prettifyError(result.error) });
  }
  const { images, files, ...rest } = result.data;
  const unknown = Object.keys(instead).find((what) => !Object.hasOwn(rest.versions, what));
  if (unknown !== undefined) {
    throw usageError(`The version set \`${name}\` has no \`${unknown}\`, of which another version was asked for.`, {
      hint: `it has ${Object.keys(rest.versions).join(", ")}`,
    });
  }
  const versions = { ...rest.versions, ...instead };
  const insert = inserter(name, versions);
  return {
    name,
    ...rest,
    versions,
    images: mapValues(images, (reference) => demandReference(name, insert(reference))),
    files: mapValues(files, (file) => ({ ...file, url: insert(file.url) })),
  };
}

function inserter(name: string, versions: Record<string, string>): (text: string) => string {
  const branches = Object.entries(versions).map(([key, version]) => [`${key}.branch`, branchOf(version)]);
  // These two are known to the machine that fetches.
  const later = { platform: "${platform}", arch: "${arch}" };
  const known = new Map<string, string>(Object.entries({ ...versions, ...Object.fromEntries(branches), ...later }));
  return (text) =>
    text.replace(/\$\{([\w.-]+)\}/g, (_, key: string) => {
      const value = known.get(key);
      if (value !== undefined) return value;
      throw usageError(`The version set \`${name}\` uses \`\${${key}}\`, which is none of its versions.`, {
        evidence: text,
      });
    });
}

/** Each reference says where it is from: a set has no default registry and no default tag. */
function demandReference(name: string, reference: string): string {
  if (/^[\w.-]+\.[\w.-]+(:\d+)?\/[\w./-]+:[\w.-]+$/.test(reference)) return reference;
  throw usageError(`The version set \`${name}\` has the image \`${reference}\`, expected \`HOST/NAME:TAG\`.`);
}

function branchOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

function mapValues<T, U>(values: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
