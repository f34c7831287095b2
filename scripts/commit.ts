import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../lib/command.ts";
import { timeouts } from "../lib/timeouts.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

/**
 * The commit that a checkout of git is at, with `-dirty` if files of it were changed. `undefined` if the folder is none,
 * as one unpacked inside of another checkout, or if git does not tell.
 */
export async function commitOf(folder: string = root): Promise<string | undefined> {
  if (!existsSync(join(folder, ".git"))) return undefined;
  // Reading must not lock the index, which someone may work on.
  const options = { cwd: folder, timeoutMs: timeouts.gitQuestion, env: { GIT_OPTIONAL_LOCKS: "0" } };
  const described = run("git", ["describe", "--always", "--abbrev=12", "--exclude=*", "--dirty"], options);
  return described.then(({ stdout }) => stdout.trim() || undefined).catch(() => undefined);
}
