import { connect, type Kube } from "../../lib/kube.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { failedLook, type Finding, type FindingGroup, fine, type Judgement, missing } from "../finding.ts";
import { judgeStarlingx } from "../components/starlingx/judge.ts";
import type { StarlingxSettings } from "../components/starlingx/settings.ts";
import type { DoctorOptions } from "../provider.ts";
import { judgeFiles } from "../upstream/judge-files.ts";
import { loadVersionSet } from "../version-set.ts";
import { filesToInstall } from "./access-of.ts";
import { judgeIstio, judgeKubevirt, judgeMultus, judgePolicies } from "./judge-components.ts";
import { judgeDns, judgeNodes, judgeServiceRange } from "./judge-nodes.ts";
import { judgeLoadBalancer } from "./judge-load-balancer.ts";
import { judgeExternal, judgeImages, judgeMachine } from "./judge-outside.ts";
import { judgeRights } from "./judge-rights.ts";
import { withFlat } from "./kubeconfig-file.ts";
import { lookForIstioctl, usualSet } from "./istioctl.ts";
import { platformOf } from "./platforms.ts";
import { type KubeconfigSettings, parseSettings } from "./settings.ts";
import { type ClusterSight, readCluster } from "./sight.ts";

/** Every prerequisite on the cluster and around it; changes nothing on either. */
export async function examine(options: DoctorOptions): Promise<Finding[]> {
  const settings = parseSettings(options.settings);
  const outside = [
    look("images", "programs", async () => [judgeImages(settings.images)]),
    look("istioctl", "programs", async () => [await lookForIstioctl(settings, options)]),
    look("external host", "network", async () => [await judgeExternal(settings.external)]),
    ...(settings.starlingx ? [look("StarlingX", "programs", lookAtStarlingx(settings.starlingx))] : []),
    ...(settings.install.length > 0 ? [look("release files", "sources", lookAtFiles(settings, options))] : []),
    look("external VM", "network", async () => [await judgeMachine(settings.machines.vm)]),
  ];
  return (await Promise.all([onCluster(settings, options.nodes), ...outside])).flat();
}

function lookAtStarlingx(settings: StarlingxSettings): () => Promise<Judgement[]> {
  return async () => [await judgeStarlingx(settings)];
}

function lookAtFiles({ install }: KubeconfigSettings, options: DoctorOptions): () => Promise<Judgement[]> {
  return async () => {
    const set = await loadVersionSet(options.versions ?? usualSet);
    return [await judgeFiles(set, filesToInstall(set, install), options)];
  };
}

/** What can be told of a cluster only if its API answers. */
async function onCluster(settings: KubeconfigSettings, wanted: number): Promise<Finding[]> {
  const looked = withFlat(settings, async ({ file, context, server }) => {
    const chosen = fine("kubeconfig", `context \`${context}\` at ${server}${settings.as ? `, as ${settings.as}` : ""}`);
    // One that does not answer now is told at once.
    const kube = connect(file, { reconnectMs: timeouts.apiProbe });
    const sight = await readCluster(kube, context).catch((error: unknown) => unreachable(context, error));
    const first: Finding[] = [{ group: "cluster", ...chosen }];
    if ("level" in sight) return [...first, { group: "cluster" as const, ...sight }];
    const version = fine("API server", `${sight.version}, ${sight.platform.name}`);
    const judged = await Promise.all(looksAt({ kube, sight, settings, wanted }));
    return [...first, { group: "cluster" as const, ...version }, ...judged.flat()];
  });
  return looked.catch((error: unknown) => [{ group: "cluster", ...failedLook("kubeconfig", error) }]);
}

function looksAt(parts: {
  kube: Kube;
  sight: ClusterSight;
  settings: KubeconfigSettings;
  wanted: number;
}): Promise<Finding[]>[] {
  const { kube, sight, settings, wanted } = parts;
  const { install, loadBalancer } = settings;
  const looks: Record<string, () => Promise<Judgement[]>> = {
    nodes: async () => judgeNodes(sight, wanted),
    rights: async () => [await judgeRights(kube, { starlingx: settings.starlingx !== undefined })],
    Istio: () => judgeIstio(kube, sight, install),
    KubeVirt: async () => [await judgeKubevirt(kube, install)],
    Multus: async () => [await judgeMultus(kube, install)],
    "policy engine": async () => [await judgePolicies(kube)],
    "load balancer": async () => [await judgeLoadBalancer(kube, sight, loadBalancer)],
    "cluster DNS": async () => [await judgeDns(kube)],
    "Service range": async () => [await judgeServiceRange(kube)],
  };
  return Object.entries(looks).map(([name, one]) => look(name, "cluster", one));
}

async function look(name: string, group: FindingGroup, judge: () => Promise<Judgement[]>): Promise<Finding[]> {
  const judgements = await judge().catch((error: unknown) => [failedLook(name, error)]);
  return judgements.map((judgement) => ({ group, ...judgement }));
}

function unreachable(context: string, error: unknown): Judgement {
  const { detail } = failedLook("API server", error);
  return missing("API server", detail, platformOf(context).reach);
}
