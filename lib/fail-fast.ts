import { readFileSync, writeFileSync } from "node:fs";

/** Says to all checks that have not begun that this one was red, where a run ends at its first red check. */
export function stopOthers(id: string): void {
  const file = process.env["VMESH_STOP"];
  if (file) writeFileSync(file, id);
}

/** Why no check may begin any more; `undefined` if they may. */
export function stopReason(): string | undefined {
  const file = process.env["VMESH_STOP"];
  if (!file) return undefined;
  try {
    return `not started: \`${readFileSync(file, "utf8")}\` was red, and --fail-fast was asked for`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
