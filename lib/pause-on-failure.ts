import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pause } from "./wait.ts";

const lookEveryMs = 300;

/** The type of the annotation that tells a reporter that a check waits. */
export const pauseMark = "paused";

/**
 * Waits with a red check's namespaces as they are until somebody removes the file that says so, in the folder of
 * `VMESH_PAUSE`; without that variable it does not wait. Returns at an abort, too. `tell` gets the sentence that tells how to go on.
 */
export async function pauseOnFailure(
  id: string,
  namespaces: readonly string[],
  signal: AbortSignal,
  tell: (sentence: string) => Promise<unknown>,
): Promise<void> {
  const folder = process.env["VMESH_PAUSE"];
  if (!folder || signal.aborted) return;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, id.replaceAll("/", "."));
  const where = namespaces.join(" and ") || "no namespace yet";
  writeFileSync(file, `${where}\n`);
  await tell(`${id} is red and waits with ${where}; press Enter or remove \`${file}\` to go on`);
  while (existsSync(file) && !signal.aborted) await pause(lookEveryMs, signal).catch(() => undefined);
  rmSync(file, { force: true });
}
