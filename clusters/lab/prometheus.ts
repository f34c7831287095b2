import { copyFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Log } from "../../lib/log.ts";
import { cacheEntry } from "./cache.ts";
import { debianSuite, unpack } from "./rootfs.ts";

/** Debian's Prometheus, and what it is linked with: all that is taken of 45 packages. Its pages are not needed. */
const FILES = [
  "usr/bin/prometheus",
  "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
  "usr/lib/x86_64-linux-gnu/libc.so.6",
];

/** The folder with the program `prometheus` of Debian and the two files of the C library, from the cache where possible. */
export async function prometheus(options: { cacheDir: string; log: Log; signal: AbortSignal }): Promise<string> {
  const { cacheDir: root, log, signal } = options;
  return cacheEntry({ root, kind: "prometheus", key: [debianSuite, ...FILES], log, signal }, async (target) => {
    const packages = join(target, "packages");
    await unpack(["prometheus"], packages, signal);
    for (const file of FILES) await copyFile(join(packages, file), join(target, basename(file)));
    await rm(packages, { recursive: true });
  });
}
