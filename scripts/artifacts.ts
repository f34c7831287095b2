import { obtainFile } from "../clusters/obtain-file.ts";
import { obtainImage } from "../clusters/upstream/obtain-image.ts";
import { obtainRepository } from "../clusters/upstream/obtain-repository.ts";
import { loadVersionSet, type VersionSet } from "../clusters/version-set.ts";
import { type Config, type Flags, loadConfig } from "../lib/config.ts";
import { exitCodes, usageError } from "../lib/errors.ts";
import { createLog, type Log } from "../lib/log.ts";
import { listArtifacts } from "./artifact-list.ts";
import { lockArtifacts } from "./artifact-lock.ts";
import { artifactText } from "./artifact-text.ts";
import { cacheFolder } from "./cluster-state.ts";
import { withInterrupts } from "./interrupts.ts";
import { versionSetOf } from "./version-options.ts";

export interface ArtifactFlags extends Flags {
  config?: string;
  set?: string;
  json?: boolean;
  lock?: boolean;
  fetch?: boolean;
  push?: string;
}

/**
 * `artifacts`: everything that runs with a version set fetch, listed, locked, or brought into the cache; and vmesh's own
 * images for clusters that pull them. Returns the exit code.
 */
export async function artifacts({ config: file, set: name, json, lock, fetch, push, ...flags }: ArtifactFlags) {
  const config = await loadConfig({ ...flags, versions: name }, file);
  const log = createLog();
  const set = await loadVersionSet(versionSetOf(config));
  if (config.offline && (lock || fetch)) {
    throw usageError("`--lock` and `--fetch` fetch, which `--offline` forbids.", { hint: "leave out one of them" });
  }
  await withInterrupts(log, async (signal) => {
    const options = { cacheDir: cacheFolder(), mirror: config.mirror, log, signal };
    if (lock) log.info(`${await lockArtifacts(set, options)} is written: look at what changed, and commit it`);
    if (fetch) await fetchAll(set, options);
    if (push !== undefined) return void process.stdout.write(await pushOwn(push, config, { log, signal }));
    const list = await listArtifacts(set, options);
    process.stdout.write(`${json ? JSON.stringify(list, null, 2) : artifactText(list)}\n`);
  });
  return exitCodes.conformant;
}

/** Files and repositories for this machine, and images for containers on it. */
async function fetchAll(set: VersionSet, options: Parameters<typeof obtainImage>[2]): Promise<void> {
  // kubevirtci's own, of which one has gigabytes, are pulled by the container engine and never taken from the cache.
  const imagesToFetch = Object.keys(set.images).filter((name) => !name.startsWith("kubevirtci/"));
  const all = [
    ...Object.keys(set.files).map((name) => ({ name, obtain: () => obtainFile(set, name, options) })),
    ...Object.keys(set.repositories).map((name) => ({ name, obtain: () => obtainRepository(set, name, options) })),
    ...imagesToFetch.map((name) => ({ name, obtain: () => obtainImage(set, name, options) })),
  ];
  for (const [index, { name, obtain }] of all.entries()) {
    await obtain();
    options.log.step(index + 1, all.length, `${name} is in the cache`);
  }
}

/** The lines of a configuration file with which a provider uses the images that were pushed. */
async function pushOwn(
  registry: string,
  { provider }: Config,
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<string> {
  // The engine's client takes as long to load as a list should take.
  const { pushOwnImages } = await import("../clusters/lab/push-own-images.ts");
  const { workload, guest } = await pushOwnImages(registry, { cacheDir: cacheFolder(), log, signal });
  const section = provider === "lab" ? "kubeconfig" : provider;
  const lines = ["settings:", `  ${section}:`, "    images:", `      workload: ${workload}`, `      guest: ${guest}`];
  return `${lines.join("\n")}\n`;
}
