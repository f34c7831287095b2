import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { clusterLabel, docker, filters } from "./docker.ts";
import { enginePaths } from "./dockerd.ts";
import { attachEngines } from "./engine.ts";
import { cacheId, cacheLabel } from "./labels.ts";
import { stopRegistry } from "./registry.ts";
import { notedEngine } from "./state.ts";
import { hasGuard, removeGuard } from "./uplink-guard.ts";

const labelled = z.object({ Labels: z.record(z.string(), z.string()).nullable() });
const containersSchema = z.array(labelled.extend({ Id: z.string(), Names: z.array(z.string()) }));
const networksSchema = z.array(labelled.extend({ Name: z.string() }));

/**
 * Removes what one lab has on this machine, or what any lab of this cache has that no cluster folder stands for any
 * more. Found by label and by our own files, so it also works after `kill -9`. Goes on after an error, and throws the
 * first one at the end. Returns what it removed, in words.
 */
export async function cleanLab(options: { cacheDir: string; log: Log; only?: string | undefined }): Promise<string[]> {
  const { cacheDir, only } = options;
  const removed: string[] = [];
  const errors: unknown[] = [];
  const attempt = async (work: () => Promise<string | undefined>) => {
    try {
      const what = await work();
      if (what !== undefined) removed.push(what);
    } catch (error) {
      errors.push(error);
    }
  };
  const known = await readdir(join(cacheDir, "clusters")).catch((): string[] => []);
  const clusters = new Set<string>(only === undefined ? [] : [only]);
  const isMeant = (labels: Record<string, string> | null) => {
    const clusterId = labels?.[clusterLabel] ?? "";
    const meant = only === undefined ? !known.includes(clusterId) : clusterId === only;
    if (meant) clusters.add(clusterId);
    return meant;
  };

  const engines = await attachEngines(options);
  const noted = only === undefined ? undefined : await notedEngine(stateOf(only, cacheDir));
  // Somebody else's engine has to answer, whatever DOCKER_HOST says now; ours is among `engines` or has nothing left.
  const foreign = noted === undefined || noted === enginePaths(cacheDir).socket ? [] : [noted];
  const sockets = new Set([...engines.map(({ socket }) => socket), ...foreign]);
  const query = `filters=${filters({ label: [clusterLabel, `${cacheLabel}=${cacheId(cacheDir)}`] })}`;
  const remove = (socket: string, path: string, what: string) =>
    attempt(async () => {
      // 409: its removal is under way already.
      await docker(socket, path, { method: "DELETE", accept: [404, 409], timeoutMs: 2 * timeouts.daemonStop });
      return what;
    });
  for (const socket of sockets) {
    await attempt(async () => {
      const containers = containersSchema.parse((await docker(socket, `/containers/json?all=true&${query}`)).body);
      for (const { Id, Names } of containers.filter(({ Labels }) => isMeant(Labels))) {
        await remove(socket, `/containers/${Id}?force=true&v=true`, `container ${Names[0]?.slice(1) ?? Id}`);
      }
      const networks = networksSchema.parse((await docker(socket, `/networks?${query}`)).body);
      for (const { Name } of networks.filter(({ Labels }) => isMeant(Labels))) {
        await remove(socket, `/networks/${Name}`, `network ${Name}`);
      }
      return undefined;
    });
  }
  for (const clusterId of clusters) {
    const stateDir = stateOf(clusterId, cacheDir);
    await attempt(async () => ((await stopRegistry(stateDir)) ? `registry of cluster ${clusterId}` : undefined));
    await attempt(async () => {
      if (!(await hasGuard(clusterId))) return undefined;
      await removeGuard({ clusterId });
      return `packet counter of cluster ${clusterId}`;
    });
    // Only when nothing runs on them any more.
    if (errors.length === 0) await rm(join(stateDir, "nodes"), { recursive: true, force: true });
  }
  for (const engine of engines) await attempt(async () => void (await engine.release()));
  if (errors.length > 0) throw errors[0];
  return removed;
}

function stateOf(clusterId: string, cacheDir: string): string {
  return join(cacheDir, "clusters", clusterId);
}
