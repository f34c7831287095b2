import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { stringify } from "yaml";
import { run } from "../../lib/command.ts";
import { connect, type Kube } from "../../lib/kube.ts";
import { createLog } from "../../lib/log.ts";
import { loadManifests } from "../../lib/manifests.ts";
import { istiodOf } from "../../lib/mesh.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { installComponents } from "../components/components.ts";
import { coredns } from "../components/coredns.ts";
import { istio } from "../components/istio.ts";
import { kubevirt } from "../components/kubevirt.ts";
import { multus } from "../components/multus.ts";
import type { CreateOptions, StartedCluster } from "../provider.ts";
import { mirrorOf } from "../upstream/upstream.fixture.ts";
import { loadVersionSet, type VersionSet } from "../version-set.ts";
import { type Artifacts, buildArtifacts } from "./build.ts";
import { kindOf } from "./cache.ts";
import { ensureEngine } from "./engine.ts";
import { ensurePackages, labPackages } from "./host-packages.ts";
import { type ImageName, imageNames } from "./image-table.ts";
import { lab } from "./lab.ts";
import { startRegistry } from "./registry.ts";

// What the lab builds, under the names of the projects' releases: the way of `--artifacts upstream` without the internet.
const cacheDir = inject("cacheDir");
const log = createLog();
const clusterId = `vmesh-${randomBytes(3).toString("hex")}`;
const stateDir = join(cacheDir, "clusters", clusterId);
const stack = new AsyncDisposableStack();
const { signal } = new AbortController();

let set: VersionSet;
let mirror: Awaited<ReturnType<typeof mirrorOf>>;
let options: CreateOptions;
let cluster: StartedCluster;
let kube: Kube;

beforeAll(async () => {
  set = await loadVersionSet("lab");
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await writeFile(join(stateDir, "owner"), `${process.pid}\n`);
  stack.defer(() => rm(stateDir, { recursive: true, force: true }));
  await ensurePackages(labPackages, { log, signal });
  const engine = await ensureEngine({ cacheDir, log, signal });
  stack.defer(() => engine.release());
  const built = await buildArtifacts({ cacheDir, socket: engine.socket, log, signal });
  // What a mirror of a test made of the cache is of no use to anybody, and as large as a lab.
  const before = await readdir(cacheDir);
  stack.defer(async () => {
    const added = (await readdir(cacheDir)).filter((name) => kindOf(name) !== undefined && !before.includes(name));
    for (const name of added) await rm(join(cacheDir, name), { recursive: true, force: true });
  });
  const folder = join(stateDir, "mirror");
  const registry = await startRegistry({
    storage: join(folder, "images"),
    stateDir: join(folder, "registry"),
    address: "127.0.0.1",
    readOnly: false,
    signal,
  });
  stack.defer(() => registry.stop());
  await pushAsReleased(built, registry.endpoint, engine.socket);
  mirror = await mirrorOf(registry.endpoint, await releasedFiles(built, join(folder, "files")));
  stack.defer(() => mirror.close());
  options = {
    clusterId,
    cacheDir,
    stateDir,
    nodes: 1,
    settings: { artifacts: "upstream" },
    versions: "lab",
    mirror: mirror.prefix,
    log,
  };
  cluster = await lab.create(options, signal);
  stack.defer(() => cluster.dispose());
  kube = connect(cluster.access.kubeconfig);
  const target = { access: cluster.access, kube, log };
  await installComponents(target, { signal, list: [coredns, multus, istio, kubevirt] });
});
afterAll(() => stack.disposeAsync());

describe("A lab of released parts", () => {
  test("has pulled each image of Istio and KubeVirt from the mirror, and fetched both files.", () => {
    for (const name of releasedImages) {
      const repository = set.images[name]?.replace(/^[^/]+\//, "").replace(/:.*$/, "");
      expect(
        mirror.asked.some((path) => path.startsWith(`/v2/${repository}/manifests/`)),
        name,
      ).toBe(true);
    }
    expect(mirror.asked.filter((path) => !path.startsWith("/v2/")).length).toBe(2);
  });

  test("runs them under the lab's names with their own tags.", async () => {
    const images = await imagesOf(kube);
    expect(images).toContain(`registry.vmesh.lab:5000/istio/pilot:${set.versions["istio"]}`);
    expect(images).toContain(`registry.vmesh.lab:5000/istio/install-cni:${set.versions["istio"]}`);
    for (const name of ["operator", "api", "controller", "handler"]) {
      expect(images).toContain(`registry.vmesh.lab:5000/kubevirt/virt-${name}:${set.versions["kubevirt"]}`);
    }
  });

  test("knows from Envoy's program that there are no metrics of Istio's, and has configured Istio for that.", async () => {
    // The images are the lab's own build, so Envoy is upstream's.
    expect(cluster.access.capabilities["istio-metrics"]).toMatch(/upstream build/);
    const name = istiodOf(cluster.access);
    const istiod = await kube.get({ apiVersion: "apps/v1", kind: "Deployment", namespace: "istio-system", name });
    expect(JSON.stringify(istiod)).toContain("PILOT_ENABLE_METADATA_EXCHANGE");
  });

  test("starts a second time with nothing fetched.", async () => {
    const before = mirror.asked.length;
    await cluster.dispose();
    const other = `vmesh-${randomBytes(3).toString("hex")}`;
    const folder = join(cacheDir, "clusters", other);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, "owner"), `${process.pid}\n`);
    try {
      const offline = { ...options, clusterId: other, stateDir: folder, offline: true };
      await (await lab.create(offline, signal)).dispose();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    expect(mirror.asked.length).toBe(before);
  });
});

const releasedImages = imageNames.filter((name) => /^(istio|kubevirt)\//.test(name));

/** Pushes what the lab built under the repositories and tags that the projects release under. */
async function pushAsReleased({ images }: Artifacts, endpoint: string, socket: string): Promise<void> {
  const docker = (...args: string[]) =>
    run("docker", args, { env: { DOCKER_HOST: `unix://${socket}` }, timeoutMs: timeouts.imageBuild, signal });
  for (const name of releasedImages) {
    const target = (set.images[name] ?? "").replace(/^[^/]+/, endpoint);
    await docker("tag", images.references[name], target);
    await docker("push", "--quiet", target);
    await docker("rmi", "--no-prune", target);
  }
}

/** istioctl in an archive and KubeVirt's operator in a manifest, by the paths that the projects publish them at. */
async function releasedFiles(
  { istioctl, kubevirt: manifests }: Artifacts,
  folder: string,
): Promise<Record<string, string>> {
  await mkdir(folder, { recursive: true });
  const archive = join(folder, "istioctl.tar.gz");
  const pack = ["-czf", archive, "-C", join(istioctl, ".."), "istioctl"];
  await run("tar", pack, { timeoutMs: timeouts.imageBuild, signal });
  const of = (name: ImageName) => set.images[name] ?? "";
  const parameters = Object.fromEntries(
    ["operator", "api", "controller", "handler", "launcher"].map((name) => {
      return [`image.virt-${name}`, of(`kubevirt/virt-${name}` as ImageName)];
    }),
  );
  const operator = await loadManifests(join(import.meta.dirname, "../components/kubevirt-operator.yaml"), {
    ...parameters,
    version: set.versions["kubevirt"] ?? "",
  });
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kubevirt" } };
  const text = [
    stringify(namespace),
    await readFile(manifests.kubevirt ?? "", "utf8"),
    ...operator.map((object) => stringify(object)),
  ].join("\n---\n");
  const file = join(folder, "kubevirt-operator.yaml");
  await writeFile(file, text);
  const pathOf = (name: string) =>
    new URL((set.files[name]?.url ?? "").replaceAll("${platform}", "linux-amd64")).pathname;
  return { [pathOf("istioctl")]: archive, [pathOf("kubevirt-operator.yaml")]: file };
}

async function imagesOf(api: Kube): Promise<string[]> {
  const pods = await api.list({ apiVersion: "v1", kind: "Pod" });
  return pods.flatMap(({ spec }) => (spec as { containers: { image: string }[] }).containers.map(({ image }) => image));
}
