import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { ClusterAccess } from "../provider.ts";

const schema = z.strictObject({
  runtime: z.enum(["docker", "podman"]),
  socket: z.string(),
  scripts: z.strictObject({ folder: z.string(), variables: z.record(z.string(), z.string()), programs: z.string() }),
  /** What names of the cluster's containers begin with. */
  prefix: z.string().min(1),
  /** When there was no container of that prefix yet, in milliseconds since 1970. */
  since: z.number(),
  downSeconds: z.number(),
  /** Ids of the containers of a cluster that is up. */
  containers: z.array(z.string()).optional(),
  /** Somebody else took the prefix meanwhile: no container is ours. */
  taken: z.boolean().default(false),
});

/** What it takes to find and remove a cluster of ours, from before the first container on. */
export type KubevirtciState = z.infer<typeof schema>;

/** Writes the state, and the access once there is one, so that a reader never sees half of it. */
export async function saveState(stateDir: string, state: KubevirtciState, access?: ClusterAccess): Promise<void> {
  const draft = join(stateDir, `kubevirtci.json.${process.pid}`);
  await writeFile(draft, JSON.stringify({ state, access }, null, 2), { mode: 0o600 });
  await rename(draft, join(stateDir, "kubevirtci.json"));
}

/** What `saveState` wrote; `undefined` where no cluster of this provider was begun. */
export async function loadState(
  stateDir: string,
): Promise<{ state: KubevirtciState; access: ClusterAccess | undefined } | undefined> {
  const path = join(stateDir, "kubevirtci.json");
  if (!existsSync(path)) return undefined;
  const saved = JSON.parse(await readFile(path, "utf8"));
  return { state: schema.parse(saved.state), access: saved.access };
}
