import { accessSync, constants } from "node:fs";
import { readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { describeError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { type Multipass, multipassAt } from "../machines/multipass-cli.ts";
import { removeInstance } from "../machines/multipass-launch.ts";
import { clusterOf } from "./instances.ts";
import { notedProgram } from "./state.ts";

/**
 * Deletes and purges the instances of one cluster, or of any cluster of this cache that no folder stands for any more.
 * They are known by their names alone, so it also works after `kill -9`; nobody else's are touched. Goes on after an
 * error, and throws the first one at the end. Returns what it removed, in words.
 */
export async function cleanK3s(options: { cacheDir: string; log: Log; only?: string | undefined }): Promise<string[]> {
  const { cacheDir, log, only } = options;
  const noted = only === undefined ? undefined : await notedProgram(join(cacheDir, "clusters", only));
  // Another provider's cluster, or a machine that never had Multipass.
  if (only !== undefined && noted === undefined) return [];
  const program = noted ?? "multipass";
  if (noted === undefined && findProgram(program) === undefined) return [];
  const multipass = multipassAt(program);
  const meant = await leftovers(multipass, { cacheDir, only }).catch((error: unknown) => {
    if (noted !== undefined) throw error;
    // Whoever has Multipass for something else, and stopped, must not need it to clean up.
    log.warn(`Multipass cannot be asked for leftovers: ${describeError(error)}`);
    return [];
  });
  const results = await Promise.allSettled(meant.map((name) => removeInstance(multipass, name)));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  return meant.map((name) => `instance ${name}`);
}

async function leftovers(
  multipass: Multipass,
  { cacheDir, only }: { cacheDir: string; only: string | undefined },
): Promise<string[]> {
  const known = await readdir(join(cacheDir, "clusters")).catch((): string[] => []);
  const names = (await multipass.list()).map(({ name }) => name);
  return names.filter((name) => {
    const cluster = clusterOf(name, cacheDir);
    if (cluster === undefined) return false;
    return only === undefined ? !known.includes(cluster) : cluster === only;
  });
}

/** Path of a program by its name or path, as a shell finds it; `undefined` where there is none. */
export function findProgram(name: string): string | undefined {
  if (name.includes("/")) return isProgram(name) ? name : undefined;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
