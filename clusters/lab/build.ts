import { join } from "node:path";
import type { Log } from "../../lib/log.ts";
import { run } from "../../lib/command.ts";
import { timeouts } from "../../lib/timeouts.ts";
import type { ClusterAccess } from "../provider.ts";
import { writeFile } from "node:fs/promises";
import { cacheEntry } from "./cache.ts";
import { envoy, sidecarFiles } from "./envoy.ts";
import { machineDisk } from "./machine-disk.ts";
import { buildOwnPrograms } from "./own-programs.ts";
import { type BuiltImages, buildImages } from "./images.ts";
import { fillStore, type ImageStore, referencesOf } from "./image-store.ts";
import { imageNames } from "./image-table.ts";
import { buildToolchain, type FamilyName, familyNames } from "./toolchain.ts";
import type { UpstreamParts } from "./upstream.ts";
import { hasIstioFilters, proxyOfImage } from "./upstream-proxy.ts";
import { versions } from "./versions.ts";

export interface BuildOptions {
  cacheDir: string;
  /** Socket of the Docker engine. */
  socket: string;
  /** What is not built, as it was obtained elsewhere. */
  upstream?: UpstreamParts | undefined;
  log: Log;
  signal: AbortSignal;
}

/** Everything a lab is made of, ready in the cache. */
export interface Artifacts {
  istioctl: string;
  images: Pick<BuiltImages, "references">;
  store: ImageStore;
  /** Folder with disk, kernel and initial file system of external VMs. */
  machine: string;
  /** The released operator, or CRDs, RBAC and PriorityClass as KubeVirt's own generator prints them. */
  kubevirt: Pick<ClusterAccess["manifests"], "kubevirt" | "kubevirt-operator">;
  versions: Record<string, string>;
  /** Proxies are Istio's own build of Envoy, with its filters. */
  istioFilters: boolean;
}

/**
 * Builds what the cache does not have and `upstream` does not bring: programs, then images as their programs get ready,
 * then the image store.
 */
export async function buildArtifacts(options: BuildOptions): Promise<Artifacts> {
  const { socket, cacheDir, upstream = { versions: {}, images: {} } } = options;
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const log = options.log.scope("build");
  const pending = Object.fromEntries(familyNames.map((name) => [name, Promise.withResolvers<string>()])) as Record<
    FamilyName,
    PromiseWithResolvers<string>
  >;
  const programsOf = Object.fromEntries(familyNames.map((name) => [name, pending[name].promise])) as Record<
    FamilyName,
    Promise<string>
  >;
  const onFamily = (name: FamilyName, folder: string) => pending[name].resolve(folder);
  const families = familyNames.filter((name) => name !== "istio" || upstream.istioctl === undefined);
  const toolchain = buildToolchain({ families, cacheDir, log: log.scope("go"), signal, onFamily });
  // A failed build fails every image that waits for its programs.
  toolchain.catch((error: unknown) => families.forEach((name) => pending[name].reject(error)));
  try {
    const dockerHost = `unix://${socket}`;
    const proxy = await releasedProxy(upstream, { cacheDir, log: log.scope("machine"), signal });
    const machine = machineOf(programsOf.istio, proxy, { cacheDir, log: log.scope("machine"), signal });
    machine.catch((error: unknown) => failed.abort(error));
    const toBuild = imageNames.filter((name) => !upstream.images[name]);
    const own = { programs: programsOf, cacheDir, dockerHost, log: log.scope("images"), signal };
    const built = await buildImages(own, toBuild);
    await toolchain;
    const ready = { built: built.references, upstream: upstream.images };
    const store = await fillStore({ ...ready, cacheDir, socket, log: log.scope("store"), signal });
    return {
      istioctl: upstream.istioctl ?? join(await programsOf.istio, "istioctl"),
      images: { references: referencesOf(ready) },
      store,
      machine: await machine,
      kubevirt: upstream.kubevirtOperator
        ? { "kubevirt-operator": upstream.kubevirtOperator }
        : { kubevirt: await kubevirtManifest(await programsOf.kubevirt, { cacheDir, log, signal }) },
      versions: { ...versions, ...upstream.versions },
      istioFilters: proxy !== undefined && (await hasIstioFilters(proxy)),
    };
  } catch (error) {
    // A failed image ends the compiler, and nothing goes on behind the error.
    failed.abort(error);
    await Promise.allSettled([toolchain]);
    throw error;
  }
}

/** The folder with the proxy of a released image, if Istio is not built. */
async function releasedProxy(
  { images }: UpstreamParts,
  options: Omit<BuildOptions, "socket">,
): Promise<string | undefined> {
  const released = images["istio/proxyv2"];
  return released && proxyOfImage(released.layout, await sidecarFiles(options), options);
}

/** With the proxy that the cluster has, be it released or built. */
async function machineOf(
  programs: Promise<string>,
  proxy: string | undefined,
  options: Omit<BuildOptions, "socket">,
): Promise<string> {
  if (proxy !== undefined) {
    const own = await buildOwnPrograms(options);
    return machineDisk({ istio: proxy, own, envoy: proxy, sidecar: proxy }, options);
  }
  const istio = await programs; // which downloads the module that the sidecar's files are of
  const [own, built, sidecar] = await Promise.all([buildOwnPrograms(options), envoy(options), sidecarFiles(options)]);
  return machineDisk({ istio, own, envoy: built, sidecar }, options);
}

async function kubevirtManifest(programs: string, options: Omit<BuildOptions, "socket">): Promise<string> {
  const { cacheDir: root, log, signal } = options;
  const folder = await cacheEntry({ root, kind: "kubevirt-manifest", key: [programs], log, signal }, async (target) => {
    const parts = await Promise.all(
      ["kv", "operator-rbac", "priorityclass"].map((type) =>
        run(join(programs, "resource-generator"), [`--type=${type}`, "--namespace=kubevirt"], {
          timeoutMs: timeouts.hostCommand,
          signal,
        }),
      ),
    );
    await writeFile(join(target, "kubevirt.yaml"), parts.map((part) => part.stdout).join("\n"));
  });
  return join(folder, "kubevirt.yaml");
}
