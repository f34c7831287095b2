import { join } from "node:path";
import type { Log } from "../../lib/log.ts";
import { run } from "../../lib/command.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { writeFile } from "node:fs/promises";
import { cacheEntry } from "./cache.ts";
import { envoy, sidecarFiles } from "./envoy.ts";
import { gatewayApiManifest } from "./gateway-api.ts";
import { machineDisk } from "./machine-disk.ts";
import { buildOwnPrograms } from "./own-programs.ts";
import { type BuiltImages, buildImages } from "./images.ts";
import { fillStore, type ImageStore } from "./image-store.ts";
import { buildToolchain, type FamilyName, familyNames } from "./toolchain.ts";

export interface BuildOptions {
  cacheDir: string;
  /** Socket of the Docker engine. */
  socket: string;
  log: Log;
  signal: AbortSignal;
}

/** Everything a lab is made of, ready in the cache. */
export interface Artifacts {
  programs: Record<FamilyName, string>;
  images: BuiltImages;
  store: ImageStore;
  /** Folder with disk, kernel and initial file system of external VMs. */
  machine: string;
  /** CRDs, RBAC and PriorityClass of KubeVirt, as its own generator prints them. */
  kubevirtManifest: string;
  /** The kinds of Gateway API, as its module has them. */
  gatewayApiManifest: string;
}

/** Builds what the cache does not have: programs, then images as their programs get ready, then the image store. */
export async function buildArtifacts(options: BuildOptions): Promise<Artifacts> {
  const { socket, cacheDir } = options;
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
  const toolchain = buildToolchain({ cacheDir, log: log.scope("go"), signal, onFamily });
  // A failed build fails every image that waits for its programs.
  toolchain.catch((error: unknown) => familyNames.forEach((name) => pending[name].reject(error)));
  try {
    const dockerHost = `unix://${socket}`;
    const machine = machineOf(programsOf.istio, { cacheDir, log: log.scope("machine"), signal });
    machine.catch((error: unknown) => failed.abort(error));
    const images = await buildImages({ programs: programsOf, cacheDir, dockerHost, log: log.scope("images"), signal });
    const programs = await toolchain;
    const store = await fillStore({ images, cacheDir, socket, log: log.scope("store"), signal });
    const [kubevirt, gatewayApi] = await Promise.all([
      kubevirtManifest(programs.kubevirt, { cacheDir, log, signal }),
      gatewayApiManifest({ cacheDir, log, signal }),
    ]);
    return {
      programs,
      images,
      store,
      machine: await machine,
      kubevirtManifest: kubevirt,
      gatewayApiManifest: gatewayApi,
    };
  } catch (error) {
    // A failed image ends the compiler, and nothing goes on behind the error.
    failed.abort(error);
    await Promise.allSettled([toolchain]);
    throw error;
  }
}

async function machineOf(programs: Promise<string>, options: Omit<BuildOptions, "socket">): Promise<string> {
  const istio = await programs; // which downloads the module that the sidecar's files are of
  const [own, proxy, sidecar] = await Promise.all([buildOwnPrograms(options), envoy(options), sidecarFiles(options)]);
  return machineDisk({ istio, own, envoy: proxy, sidecar }, options);
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
