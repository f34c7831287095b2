import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../lib/command.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { cacheEntry } from "./cache.ts";
import { findGo } from "./go.ts";

/** Program name to the folder of its Go module. They need nothing but Go's standard library. */
const modules = { "vmesh-echo": "workload", "container-disk": "container-disk", pause: "pause" } as const;

export interface OwnProgramsOptions {
  cacheDir: string;
  /** Architecture as Go names it; this machine's when not given. */
  architecture?: "amd64" | "arm64";
  log: Log;
  signal: AbortSignal;
}

/** Builds our own small static programs, for Linux, and returns the folder they are in. */
export async function buildOwnPrograms(options: OwnProgramsOptions): Promise<string> {
  const { cacheDir: root, architecture, log, signal } = options;
  const sources = (await Promise.all(Object.values(modules).map(sourcesOf))).flat();
  const key = architecture === undefined ? sources : [...sources, architecture];
  return cacheEntry({ root, kind: "go-own", key, log, signal }, async (folder) => {
    const go = await findGo({ cacheDir: root, log, signal });
    for (const [program, module] of Object.entries(modules)) {
      await run(go, ["build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", join(folder, program), "."], {
        cwd: join(import.meta.dirname, module),
        env: { CGO_ENABLED: "0", GOOS: "linux", ...(architecture !== undefined && { GOARCH: architecture }) },
        timeoutMs: timeouts.goBuild,
        signal,
      });
    }
  });
}

async function sourcesOf(module: string): Promise<string[]> {
  const folder = join(import.meta.dirname, module);
  const files = (await readdir(folder)).filter((file) => !file.endsWith("_test.go")).sort();
  return Promise.all(files.map(async (file) => `${module}/${file}\n${await readFile(join(folder, file), "utf8")}`));
}
