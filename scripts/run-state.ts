import { rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ownerLives } from "./cluster-state.ts";

/** A folder of a run in the folder of its cluster for as long as it has something there; `claimState` makes it. */
export interface RunState {
  runId: string;
  path: string;
}

export function runState(stateDir: string, runId: string): RunState {
  return { runId, path: join(stateDir, "runs", runId) };
}

/** Forgets a run that has left nothing on its cluster. */
export function closeRunState({ path }: RunState): void {
  rmSync(path, { recursive: true, force: true });
}

/** Runs on a cluster whose process is no more. */
export async function deadRuns(stateDir: string): Promise<RunState[]> {
  const names = await readdir(join(stateDir, "runs")).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const runs = names.map((runId) => runState(stateDir, runId));
  const live = await Promise.all(runs.map(({ path }) => ownerLives(path)));
  return runs.filter((_, index) => live[index] !== true);
}
