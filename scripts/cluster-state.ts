import { mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { loadEnvironment } from "../lib/environment.ts";
import { environmentError } from "../lib/errors.ts";

/** Folder for everything that outlives a run: clusters, images, downloads. */
export function cacheFolder(): string {
  return process.env["VMESH_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "vmesh");
}

/** The folder of one cluster; its environment file is `environment.json` inside. */
export function stateFolder(clusterId: string): string {
  return join(cacheFolder(), "clusters", clusterId);
}

export function environmentFile(stateDir: string): string {
  return join(stateDir, "environment.json");
}

/** Makes the folder and marks it as being worked on by this process. */
export async function claimState(stateDir: string): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const draft = join(stateDir, `owner.${process.pid}`);
  await writeFile(draft, `${process.pid}\n`);
  await rename(draft, join(stateDir, "owner"));
}

/** Leaves the cluster to whoever comes next: no process owns it, and `current` names it. */
export async function releaseState(stateDir: string): Promise<void> {
  const draft = `${currentLink()}.${process.pid}`;
  await symlink(basename(stateDir), draft);
  await rename(draft, currentLink());
  await rm(join(stateDir, "owner"), { force: true });
}

/** Forgets a cluster that is no more, and `current` with it if that named it. */
export async function removeState(stateDir: string): Promise<void> {
  await rm(stateDir, { recursive: true, force: true });
  const current = await readlink(currentLink()).catch(() => undefined);
  if (current === basename(stateDir)) await rm(currentLink(), { force: true });
}

/** The environment file that `--cluster current|FILE` means. Throws an environment error if no cluster is kept. */
export async function resolveCluster(cluster: string): Promise<string> {
  if (cluster !== "current") return resolve(cluster);
  const current = await readlink(currentLink()).catch(() => undefined);
  if (current !== undefined) return environmentFile(stateFolder(current));
  throw environmentError("No cluster is up.", { hint: "start one with `scripts/vmesh up`" });
}

/** A cluster folder and what it is: in the hands of a live process, kept on purpose, or left over. */
export interface KnownCluster {
  clusterId: string;
  state: "in use" | "kept" | "left over";
}

export async function knownClusters(): Promise<KnownCluster[]> {
  const entries = await readdir(dirname(currentLink()), { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(folders.map(async (clusterId) => ({ clusterId, state: await stateOf(clusterId) })));
}

/** The cluster that `current` names, if it is kept and its environment can be read; one that is gone is none. */
export async function clusterThatIsUp(): Promise<string | undefined> {
  const current = await readlink(currentLink()).catch(() => undefined);
  if (current === undefined || (await stateOf(current)) !== "kept") return undefined;
  return loadEnvironment(environmentFile(stateFolder(current))).then(
    () => current,
    () => undefined,
  );
}

/** Whether the process lives that has claimed a folder; `undefined` if none has. */
export async function ownerLives(folder: string): Promise<boolean | undefined> {
  const owner = Number(await readFile(join(folder, "owner"), "utf8").catch(() => ""));
  // 0 and less are no processes but groups of them; half a file is 0 or no number at all.
  return Number.isSafeInteger(owner) && owner > 0 ? isAlive(owner) : undefined;
}

async function stateOf(clusterId: string): Promise<KnownCluster["state"]> {
  const folder = stateFolder(clusterId);
  const lives = await ownerLives(folder);
  if (lives !== undefined) return lives ? "in use" : "left over";
  const files = await readdir(folder).catch((): string[] => []);
  return files.includes("environment.json") ? "kept" : "left over";
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function currentLink(): string {
  return join(cacheFolder(), "clusters", "current");
}
