import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Operation, stateFolder } from "./state.ts";

type Hook = NonNullable<Operation["hook"]>;

/** Starts what does the work of an operation, as a process of its own: the real service works on, too, when the command has ended. */
export function startHook(command: readonly string[]): Hook {
  const exitFile = join(stateFolder(), `hook-${randomBytes(4).toString("hex")}`);
  const script = 'file=$1; shift; "$@" >"$file.log" 2>&1; echo $? >"$file.draft"; mv "$file.draft" "$file"';
  const child = spawn("sh", ["-c", script, "hook", exitFile, ...command], { detached: true, stdio: "ignore" });
  child.unref();
  if (child.pid === undefined) throw new Error("The hook of the double cannot be started: there is no `sh`.");
  return { pid: child.pid, exitFile };
}

/** How it ended, once it has; `words` is the last line that it printed. */
export function hookResult({ exitFile }: Hook): { ok: boolean; words: string } | undefined {
  if (!existsSync(exitFile)) return undefined;
  const printed = readFileSync(`${exitFile}.log`, "utf8").trimEnd();
  return { ok: readFileSync(exitFile, "utf8").trim() === "0", words: printed.split("\n").at(-1) ?? "" };
}

/** Ends it with all that it started. */
export function endHook({ pid }: Hook): void {
  try {
    process.kill(-pid, "SIGTERM");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
