import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { environmentError } from "../../lib/errors.ts";
import type { ClusterAccess } from "../provider.ts";

const schema = z.strictObject({
  /** Multipass' program. */
  multipass: z.string(),
  /** Names of the instances. */
  server: z.string(),
  agents: z.array(z.string()),
  vm: z.string().optional(),
  /** Address that the kubeconfig names. */
  address: z.string(),
});

/** What another process needs to take up or remove a cluster, beside its ClusterAccess. */
export type K3sState = z.infer<typeof schema>;

/** Notes the program before anything is made with it, so that a cluster is found whatever ends this process. */
export async function noteProgram(stateDir: string, program: string): Promise<void> {
  await writeFile(join(stateDir, "multipass"), `${program}\n`);
}

/** The program a cluster folder was made with; `undefined` where the folder is another provider's. */
export async function notedProgram(stateDir: string): Promise<string | undefined> {
  const file = join(stateDir, "multipass");
  return existsSync(file) ? (await readFile(file, "utf8")).trim() : undefined;
}

export async function saveState(stateDir: string, state: K3sState, access: ClusterAccess): Promise<void> {
  await writeFile(join(stateDir, "k3s.json"), JSON.stringify({ state, access }, null, 2), { mode: 0o600 });
}

/** What `saveState` wrote. Throws an environment error where a cluster did not get as far. */
export async function loadState(stateDir: string): Promise<{ state: K3sState; access: ClusterAccess }> {
  const text = await readFile(join(stateDir, "k3s.json"), "utf8").catch((cause: unknown) => {
    throw environmentError(`\`${stateDir}\` holds no cluster of k3s that came up.`, { cause });
  });
  const saved = JSON.parse(text) as { state: unknown; access: ClusterAccess };
  return { state: schema.parse(saved.state), access: saved.access };
}
