import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { environmentError } from "../../lib/errors.ts";
import { clusterPrint } from "../../lib/untouched.ts";
import type { ClusterAccess } from "../provider.ts";

const schema = z.strictObject({
  context: z.string(),
  server: z.string(),
  /** What the cluster was before, where that is to be proved. */
  before: clusterPrint.optional(),
  /** Names of the components that this run was to install, for what is told at the end. */
  install: z.union([z.literal("missing"), z.array(z.string())]),
});

/** What another process needs beside the ClusterAccess to take up or leave a cluster. */
export type BorrowedState = z.infer<typeof schema>;

/** The copy of one context. It is the last thing that goes: as long as it is there, something may be left on the cluster. */
export function copyOf(stateDir: string): string {
  return join(stateDir, "kubeconfig");
}

/** Writes the copy; the marker first, so that `clean` tells it from the kubeconfig of a cluster that vmesh made. */
export async function saveCopy(stateDir: string, config: object, state: BorrowedState): Promise<void> {
  await writeFile(markerOf(stateDir), JSON.stringify(state), { mode: 0o600 });
  await writeFile(copyOf(stateDir), JSON.stringify(config), { mode: 0o600 });
}

export async function saveState(stateDir: string, state: BorrowedState, access: ClusterAccess): Promise<void> {
  await writeFile(markerOf(stateDir), JSON.stringify(state), { mode: 0o600 });
  await writeFile(accessFile(stateDir), JSON.stringify(access, null, 2), { mode: 0o600 });
}

export async function loadState(stateDir: string): Promise<{ state: BorrowedState; access: ClusterAccess }> {
  const state = await borrowedState(stateDir);
  if (!state) throw environmentError(`\`${stateDir}\` is not the folder of a cluster that was borrowed.`);
  return { state, access: JSON.parse(await readFile(accessFile(stateDir), "utf8")) as ClusterAccess };
}

/** The state in a folder as long as the copy is there; `undefined` for a folder that is of another provider, or done with. */
export async function borrowedState(stateDir: string): Promise<BorrowedState | undefined> {
  if (!existsSync(markerOf(stateDir)) || !existsSync(copyOf(stateDir))) return undefined;
  return schema.parse(JSON.parse(await readFile(markerOf(stateDir), "utf8")));
}

/** Forgets a cluster on which nothing is left. */
export async function forget(stateDir: string): Promise<void> {
  for (const path of [accessFile(stateDir), copyOf(stateDir), markerOf(stateDir)]) await rm(path, { force: true });
}

function markerOf(stateDir: string): string {
  return join(stateDir, "borrowed.json");
}

function accessFile(stateDir: string): string {
  return join(stateDir, "access.json");
}
