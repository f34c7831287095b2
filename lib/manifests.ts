import { readFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { usageError } from "./errors.ts";
import type { KubeObject } from "./kube.ts";

export type Parameters = Readonly<Record<string, string | number | boolean>>;

const objectSchema = z.looseObject({
  apiVersion: z.string().min(1),
  kind: z.string().min(1),
  metadata: z.looseObject({ name: z.string().min(1) }),
});

/**
 * Reads a file of one or more YAML documents and fills in its `${name}` parameters. A value that is nothing but a
 * parameter takes the parameter's type; `$${` stands for a literal `${`. `given` must all be used, `ambient` (names,
 * images) need not. Throws a usage error with file and place for bad YAML, and for a missing or an unused parameter.
 */
export async function loadManifests(file: string, given: Parameters, ambient: Parameters = {}): Promise<KubeObject[]> {
  return parseManifests(await read(file), file, given, ambient);
}

/**
 * Reads a file of manifests as its project publishes it, where `${…}` is no parameter of ours. Throws a usage error as
 * `loadManifests` does.
 */
export async function loadRelease(file: string): Promise<KubeObject[]> {
  return documentsOf(await read(file), file, (value) => value);
}

/** `loadManifests` for text that is there already; `file` is only named in messages. */
export function parseManifests(text: string, file: string, given: Parameters, ambient: Parameters = {}): KubeObject[] {
  const parameters = { ...ambient, ...given };
  const used = new Set<string>();
  const valueOf = (name: string) => {
    used.add(name);
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (value !== undefined) return value;
    throw usageError(`\`${file}\` uses the parameter \`${name}\`, which is not given.`, {
      hint: `give one of ${quoted(Object.keys(parameters))}, or write \`$\${${name}}\` if a literal is meant`,
    });
  };

  const objects = documentsOf(text, file, (value) => fill(value, valueOf));
  const unused = Object.keys(given).filter((name) => !used.has(name));
  if (unused.length > 0) throw usageError(`\`${file}\` does not use the given parameter ${quoted(unused)}.`);
  return objects;
}

async function read(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: unknown) => {
    throw usageError(`The manifest file \`${file}\` cannot be read.`, { cause });
  });
}

function documentsOf(text: string, file: string, change: (value: unknown) => unknown): KubeObject[] {
  return parseAllDocuments(text).flatMap((document, index) => {
    const [error] = document.errors;
    if (error) throw usageError(`\`${file}\` is not valid YAML: ${error.message}`, { cause: error });
    const value: unknown = document.toJS();
    if (value === null) return [];
    const result = objectSchema.safeParse(change(value));
    if (result.success) return [result.data as KubeObject];
    throw usageError(`Document ${index + 1} of \`${file}\` is not a Kubernetes object.`, {
      evidence: z.prettifyError(result.error),
    });
  });
}

function fill(value: unknown, valueOf: (name: string) => string | number | boolean): unknown {
  if (typeof value === "string") {
    const whole = /^\$\{([\w.-]+)\}$/.exec(value)?.[1];
    if (whole !== undefined) return valueOf(whole);
    return value.replace(/\$\$\{|\$\{([\w.-]+)\}/g, (_, name?: string) => (name ? `${valueOf(name)}` : "${"));
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, valueOf));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, valueOf)]));
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ") || "none";
}
