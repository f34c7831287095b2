import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Log } from "../../lib/log.ts";
import { clusterLabel, docker, filters } from "./docker.ts";
import { attachEngines } from "./engine.ts";
import { stopRegistry } from "./registry.ts";
import { findGuards, removeGuard } from "./uplink-guard.ts";

const labelled = z.object({ Labels: z.record(z.string(), z.string()).nullable() });
const containersSchema = z.array(labelled.extend({ Id: z.string(), Names: z.array(z.string()) }));
const networksSchema = z.array(labelled.extend({ Name: z.string() }));

/**
 * Removes containers, networks, packet counters and registries of labs, of all or of `only` one, in every engine a lab
 * may have been in. Found by label and by our own files, so it also works after `kill -9`.
 */
export async function cleanLab(options: { cacheDir: string; log: Log; only?: string | undefined }): Promise<string[]> {
  const { cacheDir, log, only } = options;
  const removed: string[] = [];
  const engines = await attachEngines({ cacheDir, log });
  const label = only === undefined ? clusterLabel : `${clusterLabel}=${only}`;
  const query = `filters=${filters({ label: [label] })}`;
  const clusters = new Set<string>(only === undefined ? [] : [only]);
  for (const { socket, release } of engines) {
    try {
      for (const { Id, Names, Labels } of containersSchema.parse(
        (await docker(socket, `/containers/json?all=true&${query}`)).body,
      )) {
        await docker(socket, `/containers/${Id}?force=true&v=true`, { method: "DELETE", accept: [404] });
        clusters.add(Labels?.[clusterLabel] ?? "");
        removed.push(`container ${Names[0]?.slice(1) ?? Id}`);
      }
      for (const { Name, Labels } of networksSchema.parse((await docker(socket, `/networks?${query}`)).body)) {
        await docker(socket, `/networks/${Name}`, { method: "DELETE", accept: [404] });
        clusters.add(Labels?.[clusterLabel] ?? "");
        removed.push(`network ${Name}`);
      }
    } finally {
      await release();
    }
  }
  const guarded = await findGuards();
  if (only === undefined) for (const clusterId of guarded) clusters.add(clusterId);
  for (const clusterId of await withFolders(cacheDir, clusters, only)) {
    const stateDir = join(cacheDir, "clusters", clusterId);
    if (await stopRegistry(stateDir)) removed.push(`registry of cluster ${clusterId}`);
    // A counter's name has `_` for each `-` of the id.
    if (guarded.includes(clusterId.replaceAll("-", "_"))) {
      await removeGuard({ clusterId });
      removed.push(`packet counter of cluster ${clusterId}`);
    }
    await rm(join(stateDir, "nodes"), { recursive: true, force: true });
  }
  return removed;
}

/** Clusters by what the engines had, and by their folders. */
async function withFolders(cacheDir: string, found: ReadonlySet<string>, only: string | undefined): Promise<string[]> {
  const folders = await readdir(join(cacheDir, "clusters")).catch(() => []);
  return [
    ...new Set([...found, ...folders.filter((name) => name !== "current" && (only === undefined || name === only))]),
  ].filter(Boolean);
}
