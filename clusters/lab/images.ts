import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { run } from "../../lib/command.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { digest } from "./cache.ts";
import { envoy, sidecarFiles } from "./envoy.ts";
import { guestDisk } from "./guest-disk.ts";
import { contentKey, fillContext, type ImageContent } from "./image-context.ts";
import { type ImageName, imageNames, type ImageSource, type ImageSpec, imageTable } from "./image-table.ts";
import { lockFile } from "./lock.ts";
import { buildOwnPrograms } from "./own-programs.ts";
import { prometheus } from "./prometheus.ts";
import { registryName } from "./registry.ts";
import { rootfs, type RootfsName } from "./rootfs.ts";
import { once, slots } from "./tasks.ts";
import type { FamilyName } from "./toolchain.ts";

/** Heavy steps at a time, each using about one processor. */
const PARALLEL = 2;

export interface ImageOptions {
  /** Folders with the toolchain's programs. An image waits for those it takes files from, not for all; others may lack. */
  programs: Partial<Record<FamilyName, Promise<string>>>;
  cacheDir: string;
  dockerHost: string;
  log: Log;
  signal: AbortSignal;
}

/** Images of the lab in the engine. */
export interface BuiltImages<Name extends ImageName = ImageName> {
  /** Identifies them all: another content, another tag. */
  tag: string;
  /** `registry.vmesh.lab:5000/<name>:<tag>`. */
  references: Record<Name, string>;
}

/**
 * Builds images of the lab in the Docker engine, all of them if none is named, or finds them there from an earlier run. The engine itself fetches
 * nothing: root file systems are imported, builds have no network. The first failure ends the other builds and is thrown.
 */
export async function buildImages<Name extends ImageName = ImageName>(
  options: ImageOptions,
  names: readonly Name[] = imageNames as Name[],
): Promise<BuiltImages<Name>> {
  const failed = new AbortController();
  const build = imageBuilder({ ...options, signal: AbortSignal.any([options.signal, failed.signal]) });
  const keys = {} as Record<Name, string>;
  await Promise.allSettled(
    names.map(async (name) => {
      try {
        keys[name] = await build(name);
        options.log.step(Object.keys(keys).length, names.length, `image ${name} is ready`);
      } catch (error) {
        failed.abort(error); // only the first abort counts
      }
    }),
  );
  failed.signal.throwIfAborted();
  return tagAll(names, keys, options);
}

/**
 * Builds the images of the checks' peers alone, for a cluster that is not the lab's, or finds them in the engine. They
 * take nothing of Kubernetes, Istio or KubeVirt.
 */
export async function buildTestImages(
  options: Omit<ImageOptions, "programs">,
): Promise<Record<"workload" | "guest", string>> {
  const none = Promise.reject(new TypeError("Images of the checks take no programs of the toolchain."));
  none.catch(() => {}); // asked for by none of them
  const build = imageBuilder({ ...options, programs: { kubernetes: none, istio: none, kubevirt: none } });
  const referenceOf = async (name: ImageName) => `${registryName}/${name}:${await build(name)}`;
  const [workload, guest] = await Promise.all([referenceOf("vmesh/workload"), referenceOf("vmesh/guest")]);
  return { workload, guest };
}

/** Builds one image and returns its content key, which is also its tag. */
function imageBuilder(options: ImageOptions): (name: ImageName) => Promise<string> {
  const programsOf = (family: FamilyName): Promise<string> => {
    const folder = options.programs[family];
    if (folder) return folder;
    throw new TypeError(`An image needs programs of \`${family}\`, which are not built.`);
  };
  const slot = slots(PARALLEL);
  const own = once(() => slot(() => buildOwnPrograms(options)));
  const sources: Record<ImageSource, () => Promise<string>> = {
    own,
    kubernetes: () => programsOf("kubernetes"),
    istio: () => programsOf("istio"),
    kubevirt: () => programsOf("kubevirt"),
    jaeger: () => programsOf("jaeger"),
    envoy: once(() => slot(() => envoy(options))),
    sidecar: once(async () => {
      await programsOf("istio"); // which downloads the module
      return sidecarFiles(options);
    }),
    prometheus: once(() => slot(() => prometheus(options))),
    guest: once(async () => {
      const program = join(await own(), "vmesh-echo");
      return slot(() => guestDisk({ ...options, program }));
    }),
  };
  const bases: Record<RootfsName, () => Promise<string>> = {
    net: once(() => slot(() => importRootfs("net", options))),
    node: once(() => slot(() => importRootfs("node", options))),
    launcher: once(() => slot(() => importRootfs("launcher", options))),
  };

  return async (name) => {
    const { base, files }: ImageSpec = imageTable[name];
    const needed = Object.values(files).flatMap((file) => ("from" in file ? [file.from] : []));
    const [baseReference = "scratch", ...folders] = await Promise.all([
      base && bases[base](),
      ...needed.map((source) => sources[source]()),
    ]);
    const content: ImageContent = {
      definition: join(import.meta.dirname, "images", name),
      files,
      folders: Object.fromEntries(needed.map((source, index) => [source, folders[index]])),
      base: baseReference,
    };
    const key = await contentKey(content);
    const reference = `${registryName}/${name}:${key}`;
    if (await isInEngine(reference, options)) return key;
    await slot(() => buildImage(reference, { ...options, name, key, content }));
    return key;
  };
}

async function buildImage(
  reference: string,
  {
    name,
    key,
    content,
    cacheDir,
    dockerHost,
    signal,
    log,
  }: ImageOptions & { name: ImageName; key: string; content: ImageContent },
): Promise<void> {
  const lock = await lockFile(join(cacheDir, "locks", `image-${key}`), { mode: "exclusive", signal });
  const context = join(cacheDir, `context-${key}`);
  try {
    // Another run may have built it meanwhile, or have left its context behind.
    if (await isInEngine(reference, { dockerHost, signal })) return;
    await rm(context, { recursive: true, force: true });
    await fillContext(context, content);
    const settings = [
      "--network",
      "none",
      "--force-rm",
      "--label",
      `vmesh.dev/image=${name}`,
      "--build-arg",
      `BASE=${content.base}`,
    ];
    log.debug(`building ${reference}`);
    // Debian's engine has the classic builder only.
    const env = { DOCKER_HOST: dockerHost, DOCKER_BUILDKIT: "0" };
    await run("docker", ["build", ...settings, "--tag", reference, context], {
      env,
      timeoutMs: timeouts.imageBuild,
      signal,
      diesWithParent: true,
    });
  } finally {
    await rm(context, { recursive: true, force: true });
    await lock.release();
  }
}

async function importRootfs(name: RootfsName, options: ImageOptions): Promise<string> {
  const { dockerHost, signal } = options;
  const archive = await rootfs(name, options);
  const reference = `vmesh.dev/rootfs/${name}:${basename(dirname(archive)).split("-").at(-1)}`;
  if (await isInEngine(reference, options)) return reference;
  await run("docker", ["import", archive, reference], {
    env: { DOCKER_HOST: dockerHost },
    timeoutMs: timeouts.imageBuild,
    signal,
  });
  return reference;
}

async function isInEngine(
  reference: string,
  { dockerHost, signal }: Pick<ImageOptions, "dockerHost" | "signal">,
): Promise<boolean> {
  const inspect = ["image", "inspect", "--format", "{{.Id}}", reference];
  const result = await run("docker", inspect, {
    env: { DOCKER_HOST: dockerHost },
    timeoutMs: timeouts.shortCommand,
    signal,
    allowFailure: true,
  });
  return result.exitCode === 0;
}

/** All images get one tag: Istio and KubeVirt are told a single one for all of theirs. */
async function tagAll<Name extends ImageName>(
  names: readonly Name[],
  keys: Record<Name, string>,
  { dockerHost, signal }: ImageOptions,
): Promise<BuiltImages<Name>> {
  const setTag = digest(names.map((name) => `${name}:${keys[name]}`));
  const references = {} as Record<Name, string>;
  for (const name of names) {
    const { tag = setTag }: ImageSpec = imageTable[name];
    references[name] = `${registryName}/${name}:${tag}`;
    const args = ["tag", `${registryName}/${name}:${keys[name]}`, references[name]];
    await run("docker", args, { env: { DOCKER_HOST: dockerHost }, timeoutMs: timeouts.shortCommand, signal });
  }
  return { tag: setTag, references };
}
