import { randomBytes } from "node:crypto";
import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { run } from "../../lib/command.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import { pushImage } from "../upstream/push-image.ts";
import { cacheEntry } from "./cache.ts";
import { createNetwork, removeNetwork } from "./network.ts";
import { type Node, removeNode, startNode } from "./node.ts";
import { pushImages } from "./push-images.ts";
import type { BuiltImages } from "./images.ts";
import { noteEngine } from "./state.ts";
import { registryName, startRegistry, stopRegistry } from "./registry.ts";
import type { UpstreamParts } from "./upstream.ts";
import { assertNoLeak, findUplinks, readGuard, removeGuard, startGuard } from "./uplink-guard.ts";

/** Images that nodes are to have: from the engine that built them, or released ones from the cache. */
export interface StoreImages {
  built: Partial<BuiltImages["references"]>;
  upstream: UpstreamParts["images"];
}

export interface StoreOptions extends StoreImages {
  cacheDir: string;
  /** Socket of the Docker engine. */
  socket: string;
  log: Log;
  signal: AbortSignal;
}

/** What nodes get their images from: a registry's storage, and containerd's folder with all of them pulled from it. */
export interface ImageStore {
  registry: string;
  containerd: string;
}

/**
 * Fills a registry with the images, lets the containerd of a node pull them all, and keeps both folders in the cache.
 * A node of a run starts with a copy of that containerd folder and has nothing left to pull or unpack.
 */
export async function fillStore(options: StoreOptions): Promise<ImageStore> {
  const { built, upstream, cacheDir, log, signal } = options;
  const references = referencesOf(options);
  // The tag of a released image says less than the entry of the cache that it is in.
  const key = [...Object.values(references), ...Object.values(upstream).map(({ layout }) => basename(layout))];
  let filled = false;
  const folder = await cacheEntry({ root: cacheDir, kind: "image-store", key, log, signal }, async (target) => {
    filled = true;
    const clusterId = `fill-${randomBytes(3).toString("hex")}`;
    // Like a cluster's folder, so that `clean` finds what a killed process leaves of this one.
    const stateDir = join(cacheDir, "clusters", clusterId);
    await mkdir(stateDir, { recursive: true });
    await writeFile(join(stateDir, "owner.draft"), `${process.pid}\n`);
    await rename(join(stateDir, "owner.draft"), join(stateDir, "owner"));
    await noteEngine(stateDir, options.socket);
    const storage = join(target, "registry");
    const dockerHost = `unix://${options.socket}`;
    await using stack = new AsyncDisposableStack();
    stack.defer(() => rm(stateDir, { recursive: true, force: true }));
    stack.defer(async () => void (await stopRegistry(stateDir)));
    const pushed = await startRegistry({ storage, stateDir, address: "127.0.0.1", readOnly: false, signal });
    await pushImages(built, { dockerHost, registryAddress: pushed.endpoint, log, signal });
    for (const { layout, reference } of Object.values(upstream)) {
      await pushImage(layout, reference.replace(registryName, pushed.endpoint), { signal, plain: true });
    }
    await pushed.stop();

    const network = await createNetwork(options.socket, { clusterId, cacheDir, signal });
    stack.defer(() => removeNetwork(options.socket, network.name));
    await serveImages(storage, stateDir, network.gateway, signal);
    const guard = { clusterId, ranges: { nodeSubnet: network.subnet }, interfaces: await findUplinks() };
    await startGuard(guard);
    stack.defer(() => removeGuard(guard));
    const node = {
      clusterId,
      cacheDir,
      name: "fill",
      folder: join(target, "node"),
      dockerHost,
      address: network.gateway.replace(/\.1$/, ".10"),
    };
    stack.defer(() => removeNode(node));
    const started = await startNode({
      ...node,
      image: references["vmesh/node"],
      network: network.name,
      hosts: { [registryHost]: network.gateway },
    });
    await pullAll(started, references, log, signal);
    assertNoLeak(await readGuard(guard));
    await rename(join(target, "node/containerd"), join(target, "containerd"));
    await rm(join(target, "node"), { recursive: true });
  });
  if (!filled) log.info("the nodes' images come from the cache");
  return { registry: join(folder, "registry"), containerd: join(folder, "containerd") };
}

/** The names of all of them in the lab's registry. */
export function referencesOf({ built, upstream }: StoreImages): BuiltImages["references"] {
  const released = Object.entries(upstream).map(([name, { reference }]) => [name, reference]);
  return { ...built, ...Object.fromEntries(released) } as BuiltImages["references"];
}

/** The registry's host name on a node network, and its port there. */
export const registryHost = registryName.replace(/:.*$/, "");
const registryPort = Number(registryName.replace(/^.*:/, ""));

/** Serves filled storage to the nodes of a network, whose gateway is the host. */
export async function serveImages(
  storage: string,
  stateDir: string,
  gateway: string,
  signal: AbortSignal,
): Promise<void> {
  await startRegistry({ storage, stateDir, address: gateway, port: registryPort, readOnly: true, signal });
}

/**
 * Gives a node its own containerd folder: hard links for what containerd and overlayfs never change in place (blobs,
 * files of image layers), copies of the databases.
 */
export async function cloneStore(containerd: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  const options = { timeoutMs: timeouts.copyStore };
  await run("cp", ["--archive", "--link", `${containerd}/.`, target], options);
  const { stdout } = await run("find", [target, "-name", "*.db", "-type", "f"], options);
  for (const database of stdout.split("\n").filter(Boolean)) {
    await copyFile(database, `${database}.copy`);
    await rename(`${database}.copy`, database);
  }
}

async function pullAll(node: Node, all: BuiltImages["references"], log: Log, signal: AbortSignal): Promise<void> {
  await node.supervise("containerd", ["containerd"]);
  await eventually({ what: "containerd answers", budgetMs: timeouts.daemonReady, intervalMs: 200, signal }, () =>
    node.sh("ctr version", { signal }),
  );
  const references = Object.entries(all).filter(([name]) => name !== "vmesh/node");
  for (const [index, [name, reference]] of references.entries()) {
    await node.sh(pullScript(reference), { signal, timeoutMs: timeouts.imageBuild });
    log.step(index + 1, references.length, `node image store has ${name}`);
  }
  // Stopped in order, so that its databases are whole.
  await node.sh(
    "kill $(cat /run/vmesh/containerd.pid); while kill -0 $(cat /run/vmesh/containerd.pid) 2>/dev/null; do sleep 0.1; done",
    { signal },
  );
}

/** Pulls by tag and adds the name by digest: KubeVirt asks a migration's target node for the image by digest. */
function pullScript(reference: string): string {
  const repository = reference.slice(0, reference.lastIndexOf(":"));
  return `
    ctr --namespace k8s.io images pull --hosts-dir /etc/containerd/certs.d --label io.cri-containerd.image=managed ${reference} >/dev/null
    digest=$(ctr --namespace k8s.io images list name==${reference} | awk 'NR == 2 { print $3 }')
    ctr --namespace k8s.io images tag --force ${reference} ${repository}@$digest >/dev/null
  `;
}
