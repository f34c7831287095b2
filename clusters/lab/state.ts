import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const schema = z.strictObject({
  /** Socket of the engine the nodes run in. */
  socket: z.string(),
  ranges: z.record(z.string(), z.string()),
  /** Interfaces whose packets are counted. */
  uplinks: z.array(z.string()),
});

/** What another process needs to take up or remove a lab, beside its ClusterAccess. */
export type LabState = z.infer<typeof schema>;

/** Notes the engine before anything is made in it, so that a lab is found there whatever ends this process. */
export async function noteEngine(stateDir: string, socket: string): Promise<void> {
  await writeFile(join(stateDir, "engine"), `${socket}\n`);
}

/** Socket of the engine a cluster folder was made for; `undefined` where nothing was made yet. */
export async function notedEngine(stateDir: string): Promise<string | undefined> {
  const text = await readFile(join(stateDir, "engine"), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return text.trim() || undefined;
}

export async function saveState(stateDir: string, state: LabState, access: object): Promise<void> {
  await writeFile(join(stateDir, "lab.json"), JSON.stringify({ state, access }, null, 2), { mode: 0o600 });
}

/** What `saveState` wrote. */
export async function loadState<A>(stateDir: string): Promise<{ state: LabState; access: A }> {
  const saved = JSON.parse(await readFile(join(stateDir, "lab.json"), "utf8"));
  return { state: schema.parse(saved.state), access: saved.access };
}
