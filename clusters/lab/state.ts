import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const schema = z.strictObject({
  /** Socket of the engine the nodes run in. */
  socket: z.string(),
  network: z.strictObject({ name: z.string(), subnet: z.string(), gateway: z.string(), bridge: z.string() }),
  ranges: z.record(z.string(), z.string()),
  /** Interfaces whose packets are counted. */
  uplinks: z.array(z.string()),
});

/** What another process needs to take up or remove a lab, beside its ClusterAccess. */
export type LabState = z.infer<typeof schema>;

export async function saveState(stateDir: string, state: LabState, access: object): Promise<void> {
  await writeFile(join(stateDir, "lab.json"), JSON.stringify({ state, access }, null, 2), { mode: 0o600 });
}

/** What `saveState` wrote. */
export async function loadState<A>(stateDir: string): Promise<{ state: LabState; access: A }> {
  const saved = JSON.parse(await readFile(join(stateDir, "lab.json"), "utf8"));
  return { state: schema.parse(saved.state), access: saved.access };
}
