import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "./cluster-state.ts";

/** A folder of a run in the folder of its cluster for as long as it has something there. */
export interface RunState {
  runId: string;
  path: string;
}

export function runState(stateDir: string, runId: string): RunState {
  return { runId, path: join(stateDir, "runs", runId) };
}

/** Makes the folder and marks it as this process's. */
export function openRunState({ path }: RunState): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  writeFileSync(join(path, "owner"), `${process.pid}\n`);
}

/** Forgets a run that has left nothing on its cluster. */
export function closeRunState({ path }: RunState): void {
  rmSync(path, { recursive: true, force: true });
}

/** Runs on a cluster whose process is no more. */
export function deadRuns(stateDir: string): RunState[] {
  const folder = join(stateDir, "runs");
  return namesIn(folder)
    .map((runId) => runState(stateDir, runId))
    .filter(({ path }) => !ownerLives(path));
}

function ownerLives(path: string): boolean {
  try {
    const owner = Number(readFileSync(join(path, "owner"), "utf8"));
    return Number.isSafeInteger(owner) && owner > 0 && isAlive(owner);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
