import { join } from "node:path";
import type { Bundle } from "../../lib/diagnostics/bundle.ts";
import { describeError, environmentError } from "../../lib/errors.ts";
import { obtainFile } from "../obtain-file.ts";
import type { ClusterAccess, ClusterProvider, CreateOptions, StartedCluster } from "../provider.ts";
import { obtainManifests } from "../upstream/obtain-manifests.ts";
import { loadVersionSet, type VersionSet } from "../version-set.ts";
import { accessOf, nodesReady } from "./access.ts";
import { type Checkout, checkoutOf } from "./checkout.ts";
import { cleanKubevirtci } from "./clean.ts";
import { clusterDown } from "./cluster-down.ts";
import { clusterUp, ClusterUpError } from "./cluster-up.ts";
import { chooseCli, type ContainerCli } from "./container-cli.ts";
import { containersOf } from "./containers.ts";
import { collectLogs } from "./logs.ts";
import { takeKubeconfig } from "./kubeconfig.ts";
import { preflight } from "./preflight.ts";
import { portOf, prefixOf, prepareScripts, type Scripts, scriptsFor } from "./scripts.ts";
import { type KubevirtciSettings, parseSettings, usualSet } from "./settings.ts";
import { type KubevirtciState, loadState, saveState } from "./state.ts";
import { builtTestImages, pushTestImages, type TestImages } from "./test-images.ts";

/** kubevirtci's ephemeral clusters, whose nodes are virtual machines in containers: what KubeVirt's own CI runs on. */
export const kubevirtci: ClusterProvider = {
  name: "kubevirtci",
  summary: "`make cluster-up` of a kubevirtci checkout or tag; nodes are virtual machines in containers",
  checkSettings: (settings) => void parseSettings(settings),
  doctor: ({ settings, ...options }) => preflight({ settings: parseSettings(settings), ...options }),
  create,
  async attach(options) {
    const { state, access } = (await loadState(options.stateDir)) ?? {};
    if (!state || !access) throw environmentError(`\`${options.stateDir}\` is no cluster of kubevirtci that came up.`);
    // The ports are others after a restart of the engine.
    await takeKubeconfig(state.scripts, access.kubeconfig);
    return started(options, state, access);
  },
  clean: cleanKubevirtci,
};

/** What is there before anything is started: all that can be missing is found out by then. */
interface Prepared {
  settings: KubevirtciSettings;
  set: VersionSet;
  checkout: Checkout;
  cli: ContainerCli;
  scripts: Scripts;
  prefix: string;
  istioctl: string;
  manifests: ClusterAccess["manifests"];
  /** Of this machine's engine, where the cluster's registry is to get them. */
  toPush: TestImages | undefined;
}

async function create(options: CreateOptions, signal: AbortSignal): Promise<StartedCluster> {
  const { stateDir, log } = options;
  const part = stopwatch(options);
  const prepared = await prepare(options, signal);
  const { settings, cli, scripts, prefix } = prepared;
  part("preparation");
  const state = await begin(prepared, options);
  try {
    const logFile = join(stateDir, "cluster-up.log");
    const { clusterId, nodes } = options;
    const { up: upSeconds, ready: readySeconds } = settings.deadlines;
    const complaints = await clusterUp({ scripts, cli, clusterId, upSeconds, logFile, log, signal });
    part("cluster-up");
    const kubeconfig = join(stateDir, "kubeconfig");
    await whatCameUp(complaints, async () => {
      await takeKubeconfig(scripts, kubeconfig, signal);
      await nodesReady(kubeconfig, nodes, { readySeconds, signal });
    });
    const images = await imagesFor(prepared, signal);
    const { set, checkout, istioctl, manifests } = prepared;
    const { mirror } = options;
    const access = await accessOf({ kubeconfig, set, tag: checkout.tag, images, istioctl, manifests, mirror });
    const containers = (await containersOf(cli, prefix)).map(({ id }) => id);
    await saveState(stateDir, { ...state, containers }, access);
    part("nodes");
    log.info(`kubevirtci's cluster is up: ${access.nodes.map(({ name }) => name).join(", ")}`);
    return started(options, { ...state, containers }, access);
  } catch (error) {
    const taken = error instanceof ClusterUpError && error.taken;
    if (taken) await saveState(stateDir, { ...state, taken });
    if (!signal.aborted) await options.keepEvidence?.("cluster", (bundle) => collectLogs(bundle, options, state));
    await down(options, { ...state, taken }).catch((failure: unknown) => {
      // What went wrong first is what a user must read.
      log.warn(`Not everything is removed; \`scripts/vmesh clean\` does it: ${describeError(failure)}`);
    });
    throw error;
  }
}

async function prepare(options: CreateOptions, signal: AbortSignal): Promise<Prepared> {
  const { cacheDir, stateDir, clusterId, nodes, log } = options;
  const settings = parseSettings(options.settings);
  const set = await loadVersionSet(options.versions ?? usualSet);
  const { mirror, offline } = options;
  const from = { cacheDir, mirror, offline, log, signal };
  const checkout = await checkoutOf(settings, set, from);
  const cli = await chooseCli(settings);
  const gocli = set.images["kubevirtci/gocli"];
  const scripts = scriptsFor({ checkout, settings, cli, clusterId, cacheDir, stateDir, nodes, gocli, mirror });
  await prepareScripts(stateDir, checkout);
  const prefix = await prefixOf(scripts, signal);
  if (!/^[\w.-]+$/.test(prefix)) {
    throw environmentError(`The checkout \`${checkout.folder}\` does not say how it names containers.`, {
      evidence: `\`provider_prefix\` of \`cluster-up/hack/common.sh\` is \`${prefix}\``,
    });
  }
  const istioctl = await obtainFile(set, "istioctl", from);
  const manifests = {
    "kubevirt-operator": await obtainFile(set, "kubevirt-operator.yaml", from),
    ...(await obtainManifests(set, from)),
  };
  const toPush = settings.images ? undefined : await builtTestImages(cli, { cacheDir, log, signal });
  return { settings, set, checkout, cli, scripts, prefix, istioctl, manifests, toPush };
}

/**
 * Notes what will be ours before anything is made. Throws an environment error if containers of that prefix are there:
 * kubevirtci would fail on them, and its `cluster-down` remove them, whoever made them.
 */
async function begin(prepared: Prepared, { stateDir }: CreateOptions): Promise<KubevirtciState> {
  const { settings, cli, scripts, prefix } = prepared;
  const there = await containersOf(cli, prefix);
  if (there.length > 0) {
    throw environmentError(`A kubevirtci cluster with the prefix \`${prefix}\` is up already.`, {
      evidence: `containers: ${there.map(({ name }) => name).join(", ")}`,
      hint: "end it with its own `make cluster-down`, or use another `settings.kubevirtci.provider`",
    });
  }
  const { runtime, socket } = cli;
  const state: KubevirtciState = {
    runtime,
    socket,
    scripts,
    prefix,
    since: Date.now(),
    downSeconds: settings.deadlines.down,
    taken: false,
  };
  await saveState(stateDir, state);
  return state;
}

/** kubevirtci's own checks complain and go on; when nothing comes of it, what they said is the cause. */
async function whatCameUp(complaints: readonly string[], look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (cause) {
    if (complaints.length === 0) throw cause;
    throw environmentError("`make cluster-up` ended well, but what it made is no cluster.", {
      cause,
      evidence: complaints.map((complaint) => `it had complained: ${complaint}`).join("\n"),
    });
  }
}

async function imagesFor({ settings, toPush, cli, scripts }: Prepared, signal: AbortSignal): Promise<TestImages> {
  if (settings.images) return settings.images;
  if (!toPush) throw new TypeError("Images are either given or built.");
  const port = await portOf(scripts, "registry", signal);
  if (port === undefined) throw environmentError("kubevirtci does not say at which port its registry is published.");
  return pushTestImages(cli, toPush, { port, signal });
}

function started(options: CreateOptions, state: KubevirtciState, access: ClusterAccess): StartedCluster {
  let disposed = false;
  return {
    access,
    collectLogs: (bundle: Bundle) => collectLogs(bundle, options, state),
    async dispose() {
      if (disposed) return;
      await down(options, state);
      disposed = true;
    },
  };
}

async function down({ clusterId, stateDir, log }: CreateOptions, state: KubevirtciState): Promise<void> {
  const removed = await clusterDown({ clusterId, state, logFile: join(stateDir, "cluster-down.log"), log });
  log.debug(`removed: ${removed.join(", ") || "nothing, there was nothing left"}`);
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
