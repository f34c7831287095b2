import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../lib/log.ts";
import { cacheEntry } from "./cache.ts";
import { goModOf, moduleFolder } from "./module-folder.ts";

const MODULE = "sigs.k8s.io/gateway-api";

/** Gateway API's standard channel as one manifest, of the module in the version that istiod is built with. */
export async function gatewayApiManifest(options: {
  cacheDir: string;
  log: Log;
  signal: AbortSignal;
}): Promise<string> {
  const { cacheDir: root, log, signal } = options;
  const key = [await readFile(goModOf("istio"), "utf8"), MODULE];
  const folder = await cacheEntry({ root, kind: "gateway-api", key, log, signal }, async (target) => {
    const standard = join(await moduleFolder("istio", MODULE, options), "config/crd/standard");
    const files = (await readdir(standard)).filter((file) => file.endsWith(".yaml")).toSorted();
    const texts = await Promise.all(files.map((file) => readFile(join(standard, file), "utf8")));
    await writeFile(join(target, "gateway-api.yaml"), texts.join("\n---\n"));
  });
  return join(folder, "gateway-api.yaml");
}
