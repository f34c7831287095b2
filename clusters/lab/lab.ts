import { glob, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import type { Bundle } from "../../lib/diagnostics/bundle.ts";
import { describeError, environmentError } from "../../lib/errors.ts";
import type { ClusterAccess, ClusterProvider, CreateOptions, StartedCluster } from "../provider.ts";
import { loadVersionSet } from "../version-set.ts";
import { type Artifacts, buildArtifacts } from "./build.ts";
import { cleanLab } from "./clean.ts";
import { tailOf } from "./daemon.ts";
import { docker } from "./docker.ts";
import { enginePaths } from "./dockerd.ts";
import { type Engine, attachEngines, ensureEngine } from "./engine.ts";
import { ensurePackages, labPackages } from "./host-packages.ts";
import { cloneStore, registryHost, serveImages } from "./image-store.ts";
import { startExternalHost } from "./external-host.ts";
import { imageNames } from "./image-table.ts";
import type { LaunchedMachine } from "../machines/machine.ts";
import { launchedMachine, qemuDriver } from "../machines/qemu.ts";
import { labelsOf } from "./labels.ts";
import { createNetwork, type LabNetwork } from "./network.ts";
import { type Node, startNode } from "./node.ts";
import { startKubernetes } from "./kubernetes.ts";
import { preflight } from "./preflight.ts";
import { addressOf, demandBuildable, type LabSettings, parseSettings } from "./settings.ts";
import { type LabState, loadState, noteEngine, saveState } from "./state.ts";
import { conflictOf, guestSubnet, takenRanges } from "./subnets.ts";
import { obtainUpstream, type UpstreamParts } from "./upstream.ts";
import { assertNoLeak, findUplinks, hasGuard, readGuard, startGuard } from "./uplink-guard.ts";

/** Real Kubernetes on this machine: nodes are containers, every program is built from pinned modules. */
export const lab: ClusterProvider = {
  name: "lab",
  summary: "Kubernetes on this machine from package registries alone; nodes are containers",
  checkSettings: (settings, versions) => demandBuildable(parseSettings(settings), versions),
  doctor: ({ settings, ...options }) => preflight({ settings: parseSettings(settings), ...options }),
  create,
  async attach(options) {
    const { state, access } = await loadState<ClusterAccess>(options.stateDir);
    const engines = await attachEngines(options);
    const engine = engines.find(({ socket }) => socket === state.socket);
    await Promise.all(engines.filter((other) => other !== engine).map((other) => other.release()));
    // Somebody else's, at a socket that DOCKER_HOST does not name now: it has to answer all the same.
    if (!engine && state.socket !== enginePaths(options.cacheDir).socket) await docker(state.socket, "/version");
    return started(options, state, access, engine);
  },
  clean: cleanLab,
};

async function create(options: CreateOptions, signal: AbortSignal): Promise<StartedCluster> {
  const settings = parseSettings(options.settings);
  demandBuildable(settings, options.versions);
  const { clusterId, stateDir, cacheDir, log } = options;
  const part = stopwatch(options);
  await ensurePackages(labPackages, { log, signal });
  const engine = await ensureEngine({ cacheDir, log, signal });
  part("packages and engine");
  try {
    await noteEngine(stateDir, engine.socket);
    const upstream = await releasedParts(settings, options, signal);
    const artifacts = await buildArtifacts({ cacheDir, socket: engine.socket, upstream, log, signal });
    part("build");
    const ranges = { podSubnet: settings.podSubnet, serviceSubnet: settings.serviceSubnet };
    const own = { clusterId, cacheDir, subnet: settings.nodeSubnet, ranges, signal };
    const network = await createNetwork(engine.socket, own);
    const state = {
      socket: engine.socket,
      ranges: { nodeSubnet: network.subnet, ...ranges, ...(await guestRange(engine.socket)) },
      uplinks: await findUplinks(),
    };
    await startGuard(guardOf(clusterId, state));
    await serveImages(artifacts.store.registry, stateDir, network.gateway, signal);
    const nodes = await startNodes({ options, artifacts, network, engine, signal });
    log.info(`${nodes.length} node containers are up`);
    const external = addressOf(network.subnet, 9);
    await startExternalHost({
      clusterId,
      cacheDir,
      image: artifacts.images.references["vmesh/workload"],
      network: network.name,
      address: external,
      dockerHost: `unix://${engine.socket}`,
    });
    // It boots while Kubernetes and the components start, which wait for it last.
    const machine = await qemuDriver({
      dockerHost: `unix://${engine.socket}`,
      image: artifacts.images.references["vmesh/machine"],
      disk: artifacts.machine,
      network: network.name,
      address: `${addressOf(network.subnet, 100)}/24`,
      gateway: network.gateway,
      dns: external,
      container: machineContainer(clusterId),
      labels: labelsOf({ clusterId, cacheDir }),
    }).launch({ name: "external-vm", folder: join(stateDir, "machine"), memoryMiB: 512, signal });
    const kubeconfig = join(stateDir, "kubeconfig");
    const administrator = await startKubernetes(nodes, settings, { stateDir, log, signal });
    await writeFile(kubeconfig, administrator, { mode: 0o600 });
    const access = accessOf({ kubeconfig, nodes, external, machine, settings, artifacts });
    await saveState(stateDir, state, access);
    part("nodes");
    return started(options, state, access, engine);
  } catch (error) {
    const evidence = await lastWords(stateDir);
    if (!signal.aborted) await options.keepEvidence?.("cluster", (bundle) => collectLogs(options, bundle));
    try {
      await cleanLab({ cacheDir, log, only: clusterId });
    } catch (failure) {
      // What went wrong first is what a user must read.
      log.warn(`Not everything of ${clusterId} is removed; \`scripts/vmesh clean\` does it: ${describeError(failure)}`);
    } finally {
      await engine.release();
    }
    if (signal.aborted || evidence === "") throw error;
    throw environmentError("The lab's nodes did not become a cluster.", { cause: error, evidence });
  }
}

/** What is not to be built, but as its project released it. */
async function releasedParts(
  { artifacts }: LabSettings,
  { versions: name = "lab", cacheDir, mirror, offline, log }: CreateOptions,
  signal: AbortSignal,
): Promise<UpstreamParts | undefined> {
  if (artifacts === "build") return undefined;
  return obtainUpstream(await loadVersionSet(name), { cacheDir, mirror, offline, log: log.scope("upstream"), signal });
}

/** Tells a part's name with the seconds since the part before it. */
function stopwatch({ onPart }: CreateOptions): (title: string) => void {
  let before = performance.now();
  return (title) => {
    const now = performance.now();
    onPart?.(title, (now - before) / 1000);
    before = now;
  };
}

async function startNodes(parts: {
  options: CreateOptions;
  artifacts: Artifacts;
  network: LabNetwork;
  engine: Engine;
  signal: AbortSignal;
}): Promise<Node[]> {
  const { options, artifacts, network, engine, signal } = parts;
  const numbers = Array.from({ length: options.nodes }, (_, index) => index + 1);
  const nodes: Node[] = [];
  // One after the other: the engine's own lock makes them wait anyway.
  for (const number of numbers) {
    signal.throwIfAborted();
    const name = `node-${number}`;
    const folder = join(options.stateDir, "nodes", name);
    await cloneStore(artifacts.store.containerd, join(folder, "containerd"));
    nodes.push(
      await startNode({
        clusterId: options.clusterId,
        cacheDir: options.cacheDir,
        name,
        folder,
        image: artifacts.images.references["vmesh/node"],
        network: network.name,
        address: addressOf(network.subnet, 9 + number),
        dockerHost: `unix://${engine.socket}`,
        hosts: { [registryHost]: network.gateway },
      }),
    );
  }
  return nodes;
}

function accessOf(parts: {
  kubeconfig: string;
  nodes: Node[];
  external: string;
  machine: LaunchedMachine;
  settings: LabSettings;
  artifacts: Artifacts;
}): ClusterAccess {
  const { kubeconfig, nodes, external, machine, settings, artifacts } = parts;
  const { references } = artifacts.images;
  const twoNodes = nodes.length > 1 || "the lab has one node; ask for two with `--nodes 2`";
  return {
    kubeconfig,
    nodes: nodes.map(({ name, address }) => ({ name, address })),
    capabilities: {
      "native-sidecars": true,
      "external-host": true,
      "two-nodes": twoNodes,
      "live-migration": twoNodes,
      "istio-metrics":
        artifacts.istioFilters || "the proxies are Envoy's upstream build, without Istio's filter for metrics",
    },
    versions: artifacts.versions,
    images: { workload: references["vmesh/workload"], guest: references["vmesh/guest"] },
    parts: Object.fromEntries(imageNames.map((name) => [name.replace(/^vmesh\//, ""), references[name]])),
    install: "everything",
    manifests: { ...artifacts.kubevirt, multus: join(import.meta.dirname, "../components/multus.yaml") },
    serviceSubnet: settings.serviceSubnet,
    clusterDns: addressOf(settings.serviceSubnet, 10),
    emulation: true,
    endpoints: { external },
    // Whatever node the gateway's pod is on, kube-proxy of the first one leads there.
    ...(nodes[0] && { loadBalancer: nodes[0].address }),
    machines: { vm: machine.access },
    tools: { istioctl: artifacts.istioctl },
    timeScale: 1,
  };
}

function started(
  options: CreateOptions,
  state: LabState,
  access: ClusterAccess,
  engine: Engine | undefined,
): StartedCluster {
  const { clusterId, cacheDir, log } = options;
  return {
    access,
    verify: async () => assertNoLeak(await readGuard(guardOf(clusterId, state))),
    async collectLogs(bundle) {
      await collectLogs(options, bundle);
      const { vm } = access.machines;
      if (!vm) return;
      const where = { dockerHost: `unix://${state.socket}`, container: machineContainer(clusterId) };
      await bundle.write(`${vm.name}.log`, await launchedMachine(vm, where).console());
    },
    async dispose() {
      // Asked again: whatever ended the run, nobody may have asked before.
      const leak = await leakOf(clusterId, state).catch((error: unknown) => error);
      try {
        await cleanLab({ cacheDir, log, only: clusterId });
      } finally {
        await engine?.release();
      }
      if (leak !== undefined) throw leak;
    },
  };
}

/** The error of a leak, if there was one; none where the counter is gone, with a restart of the machine or a first call. */
async function leakOf(clusterId: string, state: LabState): Promise<void> {
  if (await hasGuard(clusterId)) assertNoLeak(await readGuard(guardOf(clusterId, state)));
}

/** The addresses guests have behind KubeVirt's masquerade, unless this machine uses that range itself. */
async function guestRange(socket: string): Promise<Record<string, string>> {
  const taken = conflictOf(guestSubnet, await takenRanges(socket));
  return taken ? {} : { guests: guestSubnet };
}

function machineContainer(clusterId: string): string {
  return `${clusterId}-vm`;
}

function guardOf(clusterId: string, { ranges, uplinks }: LabState) {
  return { clusterId, ranges, interfaces: uplinks };
}

/** How the logs of the nodes' programs end, for the error of a cluster that did not come up; empty without nodes. */
async function lastWords(stateDir: string): Promise<string> {
  const ends = (await logsOf(stateDir))
    .toSorted()
    .map(async (path) => `${path.slice(stateDir.length + 1)}:\n${await tailOf(path, 3)}`);
  return (await Promise.all(ends)).join("\n");
}

/** Logs of the programs in the nodes, which are on the host's disk; also those of a cluster that did not come up. */
async function collectLogs({ stateDir }: CreateOptions, bundle: Bundle): Promise<void> {
  const folder = join(stateDir, "nodes");
  for (const path of (await logsOf(stateDir)).toSorted()) {
    const [node = ""] = relative(folder, path).split("/");
    const name = join(node, basename(path));
    await bundle.collect(`log ${name}`, () => bundle.copy(name, path));
  }
}

function logsOf(stateDir: string): Promise<string[]> {
  return Array.fromAsync(glob(join(stateDir, "nodes/*/log/vmesh/*.log")));
}
