import { createReadStream } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { run } from "../../lib/command.ts";
import { environmentError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { blobsOf, hexOf } from "../upstream/image-manifest.ts";
import { cacheEntry } from "./cache.ts";

/** What an image of Istio's proxy has of Istio's package for VMs, by the name that the package's parts have here. */
const wanted = {
  "pilot-agent": "usr/local/bin/pilot-agent",
  envoy: "usr/local/bin/envoy",
  "envoy_bootstrap.json": "var/lib/istio/envoy/envoy_bootstrap_tmpl.json",
} as const;
/** What it has not, as the package for VMs of the module that the lab builds has it. */
const ofPackage = ["istio-start.sh", "istio.service", "sidecar.env"];

/**
 * The folder with what the lab's external VM runs as its proxy, taken out of a released image: so it is the same proxy
 * as in the cluster. `layout` is the image in the OCI image layout, `sidecar` the folder of `sidecarFiles`.
 */
export async function proxyOfImage(
  layout: string,
  sidecar: string,
  options: { cacheDir: string; log: Log; signal: AbortSignal },
): Promise<string> {
  const { cacheDir: root, log, signal } = options;
  const key = [basename(layout), basename(sidecar)];
  return cacheEntry({ root, kind: "upstream-proxy", key, log, signal }, async (target) => {
    const tree = join(target, "tree");
    await mkdir(tree);
    // A later layer replaces what an earlier one has.
    for (const layer of await layersOf(layout)) await unpackWanted(layer, tree, signal);
    for (const [name, path] of Object.entries(wanted)) {
      await rename(join(tree, path), join(target, name)).catch((cause: unknown) => {
        throw environmentError(`The image of Istio's proxy has no \`/${path}\`.`, { cause });
      });
    }
    for (const name of ofPackage) await copyFile(join(sidecar, name), join(target, name));
    await rm(tree, { recursive: true });
  });
}

/** A protocol buffer that istiod configures proxies with, and that only Istio's own build of Envoy knows by its name. */
const onlyIstios = Buffer.from("envoy.tcp.metadataexchange");

/** Whether the `envoy` of a folder is Istio's own build, with the filters that count requests: by what is in the program. */
export async function hasIstioFilters(folder: string): Promise<boolean> {
  let end = Buffer.alloc(0);
  for await (const chunk of createReadStream(join(folder, "envoy"), { highWaterMark: 1 << 20 })) {
    const bytes = Buffer.concat([end, chunk as Buffer]);
    if (bytes.includes(onlyIstios)) return true;
    end = bytes.subarray(-onlyIstios.length);
  }
  return false;
}

/** The files of an image's layers, the lowest first. */
async function layersOf(layout: string): Promise<string[]> {
  const blobs = join(layout, "blobs/sha256");
  const index = JSON.parse(await readFile(join(layout, "index.json"), "utf8")) as { manifests: { digest: string }[] };
  const manifest = await readFile(join(blobs, hexOf(index.manifests[0]?.digest ?? "")), "utf8");
  const [, ...layers] = blobsOf(manifest, basename(layout));
  return layers.map((digest) => join(blobs, hexOf(digest)));
}

async function unpackWanted(layer: string, tree: string, signal: AbortSignal): Promise<void> {
  const options = { timeoutMs: timeouts.unpack, signal };
  const { stdout } = await run("tar", ["--list", "--file", layer], options);
  const paths: readonly string[] = Object.values(wanted);
  const there = stdout.split("\n").filter((path) => paths.includes(path.replace(/^\.?\//, "")));
  if (there.length === 0) return;
  await run("tar", ["--extract", "--overwrite", "--file", layer, "--directory", tree, ...there], options);
}
