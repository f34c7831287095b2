import { resolve } from "node:path";
import { digest } from "./cache.ts";
import { clusterLabel } from "./docker.ts";

/** Tells the labs of one vmesh cache from those of others in the same engine. */
export const cacheLabel = "vmesh.dev/cache";

/** The value of `cacheLabel`. */
export function cacheId(cacheDir: string): string {
  return digest([resolve(cacheDir)]);
}

/** The labels of everything a lab has in an engine. */
export function labelsOf({ clusterId, cacheDir }: { clusterId: string; cacheDir: string }): Record<string, string> {
  return { [clusterLabel]: clusterId, [cacheLabel]: cacheId(cacheDir) };
}
