import { isDeepStrictEqual } from "node:util";
import type { ComponentRecord, installComponents } from "../clusters/components/components.ts";
import type { ClusterProvider, StartedCluster } from "../clusters/provider.ts";
import { bookinfoImages } from "../lib/bookinfo.ts";
import type { Config } from "../lib/config.ts";
import type { KeepEvidence } from "../lib/diagnostics/keeper.ts";
import { capabilities, type Environment, loadEnvironment, saveEnvironment } from "../lib/environment.ts";
import { environmentError, HarnessError, usageError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { carriedMeshNames } from "../lib/mesh-names.ts";
import type { Stage } from "../lib/pipeline.ts";
import { cacheFolder, claimState, environmentFile, releaseState, removeState } from "./cluster-state.ts";
import { findingsInWords } from "./doctor-words.ts";
import { providerOptions } from "./version-options.ts";

/** A cluster on its way up, as the stages share it. */
export interface Lab {
  readonly config: Config;
  readonly provider: ClusterProvider;
  readonly install: typeof installComponents;
  readonly clusterId: string;
  readonly stateDir: string;
  readonly log: Log;
  /** Hears of every part of the cluster and every component that is ready. */
  onPart?(title: string, seconds: number): void;
  /** Takes evidence of what failed. */
  keepEvidence?: KeepEvidence;
  /** Leave the cluster at the end, if it got as far as having an environment. */
  keep: boolean;
  cluster?: StartedCluster;
  environment?: Environment;
}

/** The stages from nothing to a cluster that answers. The teardown of `cluster` removes it unless it is kept. */
export const startCluster: readonly Stage<Lab>[] = [
  { title: "doctor", setup: examine },
  { title: "cluster", setup: create, teardown: dispose },
];

/** Puts every component on it; after this there is an environment, on disk, too. */
export const fillCluster: Stage<Lab> = { title: "components", setup: install };

/** The one stage that takes up a cluster that is there, components included. */
export function takeUp(environmentPath: string): Stage<Lab> {
  return {
    title: "cluster",
    async setup(lab) {
      const environment = await loadEnvironment(environmentPath);
      demandNames(environment);
      lab.cluster = await lab.provider.attach(createOptions(lab));
      // Machines may have other addresses than when they were made.
      const { nodes, machines } = lab.cluster.access;
      lab.environment = { ...environment, nodes, machines };
      const { connect } = await import("../lib/kube.ts");
      await connect(environment.kubeconfig).raw("/readyz");
    },
  };
}

/** Throws a usage error where the cluster's mesh is called otherwise than the configuration has it now. */
function demandNames({ clusterId, names }: Environment): void {
  if (names === undefined || isDeepStrictEqual(names, carriedMeshNames())) return;
  throw usageError(
    `The mesh of cluster \`${clusterId}\` has other names than the section \`mesh\` of the configuration.`,
    {
      evidence: `the cluster's: ${JSON.stringify(names)}\nthe section's: ${JSON.stringify(carriedMeshNames())}`,
      hint: "use the configuration it was made with, or make it anew",
    },
  );
}

export function createOptions({ clusterId, stateDir, config, provider, log }: Lab) {
  const cacheDir = cacheFolder();
  return {
    clusterId,
    cacheDir,
    stateDir,
    nodes: config.nodes,
    ...providerOptions(config),
    log: log.scope(provider.name),
  };
}

async function examine(lab: Lab): Promise<void> {
  const findings = await lab.provider.doctor({ ...createOptions(lab), quick: true });
  const slow = findings.filter(({ level }) => level === "limited");
  if (slow.length > 0) lab.log.warn(`this machine is limited:\n${findingsInWords(slow)}`);
  const wrong = findings.filter(({ ok }) => !ok);
  if (wrong.length === 0) return;
  throw environmentError(
    `Provider \`${lab.provider.name}\` misses ${wrong.length} of ${findings.length} prerequisites.`,
    {
      evidence: findingsInWords(wrong),
      hint: "`scripts/vmesh doctor` shows all of them",
    },
  );
}

async function create(lab: Lab, signal: AbortSignal): Promise<void> {
  await claimState(lab.stateDir);
  const onPart = (title: string, seconds: number) => lab.onPart?.(`cluster: ${title}`, seconds);
  const { keepEvidence } = lab;
  lab.cluster = await lab.provider.create({ ...createOptions(lab), onPart, keepEvidence }, signal);
}

async function install(lab: Lab, signal: AbortSignal): Promise<void> {
  const { cluster, log } = lab;
  if (!cluster) throw new TypeError("Components come after a cluster.");
  const { access } = cluster;
  const { connect } = await import("../lib/kube.ts");
  const { keepEvidence } = lab;
  const { clusterId } = lab;
  const target = { clusterId, access, kube: connect(access.kubeconfig), log: log.scope("components"), keepEvidence };
  const failed: string[] = [];
  const onComponent = ({ name, seconds, missing, error }: ComponentRecord) => {
    if (error !== undefined) failed.push(name);
    else if (missing === undefined) lab.onPart?.(`component ${name}`, seconds);
  };
  const installed = await lab.install(target, { signal, onComponent }).catch((cause: unknown) => {
    if (signal.aborted || (cause instanceof HarnessError && cause.kind === "interrupted")) throw cause;
    const names = failed.map((name) => `\`${name}\``).join(", ");
    throw environmentError(`Component ${names || "installation"} is not ready.`, { cause });
  });
  lab.environment = environmentOf(lab, cluster, installed);
  await saveEnvironment(environmentFile(lab.stateDir), lab.environment);
}

/** What provider and components say together; a component's word about a capability is the later one and counts. */
function environmentOf(
  { clusterId, provider, config }: Lab,
  { access }: StartedCluster,
  installed: Awaited<ReturnType<typeof installComponents>>,
): Environment {
  const { kubeconfig, nodes, endpoints, machines, tools, timeScale } = access;
  const bookinfo = bookinfoImages(access.parts);
  const images = { ...access.images, ...(typeof bookinfo === "object" && bookinfo) };
  const byItself = {
    "two-nodes": nodes.length > 1 || "the cluster has one node",
    bookinfo: typeof bookinfo === "object" || bookinfo,
    // Of a cluster that is there the provider says it.
    "cluster-admin": true,
  };
  const found = { ...byItself, ...access.capabilities, ...installed.capabilities } as Record<string, true | string>;
  const missing = "neither the provider nor a component brings it";
  return {
    clusterId,
    provider: provider.name,
    kubeconfig,
    nodes,
    versions: { ...access.versions, ...installed.versions },
    capabilities: Object.fromEntries(
      capabilities.map((name) => [name, found[name] ?? missing]),
    ) as Environment["capabilities"],
    mesh: installed.mesh,
    names: carriedMeshNames(),
    images,
    endpoints,
    machines,
    tools,
    timeScale: config.timeScale ?? timeScale,
  };
}

async function dispose(lab: Lab): Promise<void> {
  if (lab.keep && lab.environment) return releaseState(lab.stateDir);
  if (lab.cluster) await lab.cluster.dispose();
  // What a failed creation could not remove is found by this folder alone, which stays if it still cannot be.
  else
    await lab.provider.clean({ cacheDir: cacheFolder(), log: lab.log.scope(lab.provider.name), only: lab.clusterId });
  await removeState(lab.stateDir);
}
