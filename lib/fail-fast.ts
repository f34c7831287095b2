import { readFileSync, writeFileSync } from "node:fs";

/** Says to all checks that have not begun that this one was red, where a run ends at its first red check. */
export function stopOthers(id: string): void {
  const { VMESH_STOP: file, VMESH_FAIL_FAST: failFast } = process.env;
  if (file && failFast === "1") writeFileSync(file, `\`${id}\` was red, and --fail-fast was asked for`);
}

/** Why no check may begin any more, as a red check or the run itself has said; `undefined` if they may. */
export function stopReason(): string | undefined {
  const file = process.env["VMESH_STOP"];
  if (!file) return undefined;
  try {
    return `not started: ${readFileSync(file, "utf8")}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
