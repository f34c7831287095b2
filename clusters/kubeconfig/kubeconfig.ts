import type { Bundle } from "../../lib/diagnostics/bundle.ts";
import { environmentError } from "../../lib/errors.ts";
import { connect, type Kube } from "../../lib/kube.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { printCluster } from "../../lib/untouched.ts";
import { eventually } from "../../lib/wait.ts";
import type { ClusterAccess, ClusterProvider, CreateOptions, StartedCluster } from "../provider.ts";
import { accessOf } from "./access-of.ts";
import { examine } from "./doctor.ts";
import { flatten, kubeconfigPaths, withFlat } from "./kubeconfig-file.ts";
import { cleanBorrowed, demandUntouched, removeNamespaces } from "./leave.ts";
import { parseSettings } from "./settings.ts";
import { type ClusterSight, readCluster } from "./sight.ts";
import { borrowedState, type BorrowedState, copyOf, forget, loadState, saveCopy, saveState } from "./state.ts";

/** A cluster that you already have: looked at, used in namespaces of its own, and left as it was. */
export const kubeconfig: ClusterProvider = {
  name: "kubeconfig",
  summary: "a cluster that you already have, by its kubeconfig; never removed",
  borrowed: true,
  checkSettings: (settings) => void parseSettings(settings),
  doctor: examine,
  countNodes,
  create,
  async attach(options) {
    const { state, access } = await loadState(options.stateDir);
    return started(options, state, access);
  },
  clean: cleanBorrowed,
};

async function countNodes(given: CreateOptions["settings"]): Promise<number> {
  return withFlat(parseSettings(given), async ({ file, context }) => {
    const { nodes } = await readCluster(connect(file, { reconnectMs: timeouts.apiProbe }), context);
    return nodes.filter(({ isReady }) => isReady).length;
  });
}

async function create(options: CreateOptions, signal: AbortSignal): Promise<StartedCluster> {
  const settings = parseSettings(options.settings);
  const { stateDir, log, onPart } = options;
  const began = performance.now();
  const { context, server, config } = await flatten(kubeconfigPaths(settings.kubeconfig), settings);
  signal.throwIfAborted();
  const asked: BorrowedState = { context, server, install: settings.install };
  await saveCopy(stateDir, config, asked);
  try {
    log.info(`context ${context} at ${server}${settings.as === undefined ? "" : `, as ${settings.as}`}`);
    signal.throwIfAborted();
    const kube = connect(copyOf(stateDir));
    const sight = await readCluster(kube, context);
    demandNode(sight);
    log.info(
      `the API server answers: Kubernetes ${sight.version}, ${sight.nodes.length} nodes, ${sight.platform.name}`,
    );
    signal.throwIfAborted();
    const access = await accessOf({ kubeconfig: copyOf(stateDir), kube, sight, settings }, options, signal);
    const before = settings.untouched ? { before: await printCluster(kube, signal) } : {};
    const state = { ...asked, ...before };
    await saveState(stateDir, state, access);
    onPart?.("cluster that is there", (performance.now() - began) / 1000);
    return started(options, state, access);
  } catch (error) {
    await forget(stateDir);
    throw error;
  }
}

function demandNode({ nodes }: ClusterSight): void {
  if (nodes.some(({ isReady }) => isReady)) return;
  throw environmentError(`None of the ${nodes.length} nodes is Ready.`, { hint: "look at `kubectl describe nodes`" });
}

function started(options: CreateOptions, state: BorrowedState, access: ClusterAccess): StartedCluster {
  const { clusterId, stateDir, log } = options;
  const kube = connect(access.kubeconfig);
  return {
    access,
    verify: () => demandSameNodes(kube, access),
    collectLogs: (bundle) => collectNodes(kube, bundle),
    async dispose() {
      // A second call, or one by another handle.
      if (!(await borrowedState(stateDir))) return;
      await removeNamespaces(kube, clusterId);
      if (state.install.length > 0) {
        log.info(`what was installed on ${state.context} stays there: others may use it by now`);
      }
      const untouched = state.before && demandUntouched(kube, state.before);
      try {
        await untouched;
      } finally {
        await forget(stateDir);
      }
    },
  };
}

/** A node that was lost meanwhile may be why checks failed, and vmesh may be why it was lost. */
async function demandSameNodes(kube: Kube, { nodes }: ClusterAccess): Promise<void> {
  const what = "the nodes that were Ready at the beginning are so at the end";
  await eventually({ what, budgetMs: timeouts.nodesBack }, async () => {
    const now = (await readCluster(kube, "")).nodes.filter(({ isReady }) => isReady).map(({ name }) => name);
    const lost = nodes.filter(({ name }) => !now.includes(name)).map(({ name }) => `\`${name}\``);
    if (lost.length > 0) throw new Error(`not now: ${lost.join(", ")}`);
  });
}

/** What the API tells of the nodes; their own logs are beyond it. */
async function collectNodes(kube: Kube, bundle: Bundle): Promise<void> {
  await bundle.collect("nodes", async () => {
    const { version, nodes } = await readCluster(kube, "");
    const lines = nodes.map(({ name, ...rest }) => `${name} ${JSON.stringify(rest)}`);
    await bundle.write("nodes.txt", [`API server ${version}`, ...lines, ""].join("\n"));
  });
}
