import { join } from "node:path";
import { z } from "zod";
import { run } from "../../lib/command.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { findGo } from "./go.ts";
import type { FamilyName } from "./toolchain.ts";

/** The go.mod of a family, which pins the modules that its programs are made of. */
export function goModOf(family: FamilyName): string {
  return join(import.meta.dirname, "toolchain", family, "go.mod");
}

/** The folder of a module in Go's own cache, in the version that a family's go.mod pins and checked against its go.sum. */
export async function moduleFolder(
  family: FamilyName,
  module: string,
  options: { cacheDir: string; log: Log; signal: AbortSignal },
): Promise<string> {
  const go = await findGo(options);
  const { stdout } = await run(go, ["mod", "download", "-json", module], {
    cwd: join(goModOf(family), ".."),
    timeoutMs: timeouts.goDownload,
    signal: options.signal,
  });
  return z.object({ Dir: z.string() }).parse(JSON.parse(stdout)).Dir;
}
