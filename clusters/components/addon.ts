import { join } from "node:path";
import type { Capability } from "../../lib/environment.ts";
import { type KubeObject } from "../../lib/kube.ts";
import { loadManifests, loadRelease, type Parameters } from "../../lib/manifests.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import type { AddonName } from "../provider.ts";
import type { Component, Facts, Found, Target } from "./component.ts";
import { imageTag } from "./image-tag.ts";
import { rolledOut } from "./probe.ts";

const namespace = "istio-system";

/** One of the addons in Istio's samples. */
interface AddonDefinition {
  name: AddonName;
  workload: "Deployment" | "StatefulSet";
  capability: Capability;
  /** Components that it asks for what it shows. */
  needs: readonly string[];
  /** Parameters of the lab's manifests beside the component; without it the lab has no such addon. */
  own?: (target: Target) => Parameters;
  /** Why it cannot be installed on this cluster, beyond the want of its manifests. */
  obstacle?(target: Target): Promise<string | undefined>;
  /** Asks it for something that it has to have worked for. */
  probe(target: Target, signal: AbortSignal): Promise<Facts | void>;
  /** As it tells itself, or the provider; else it is the tag of its image. */
  version?(target: Target): Promise<string | undefined>;
}

/**
 * An addon as a component: ours in the lab, where its image is built; else the one of the Istio release's samples. Ready
 * when its workload is rolled out and its probe has succeeded.
 */
export function addon(definition: AddonDefinition): Component {
  const { name, workload: kind, capability, needs, own, obstacle, probe } = definition;
  const workload = { kind, namespace, name } as const;
  const workloadOf = ({ kube }: Target) => kube.get({ apiVersion: "apps/v1", ...workload });
  return {
    name,
    needs,
    provides: [capability],
    namespaces: [namespace],
    absent: (target) =>
      manifestsOf(definition, target) || target.access.install !== "everything" ? undefined : unserved,
    async find(target): Promise<Found> {
      const found = await workloadOf(target);
      if (found) return imageTag(found);
      // Only of what could be installed: the question may take rights that a run without it does not have.
      const reason = manifestsOf(definition, target) ? await obstacle?.(target) : undefined;
      return reason === undefined ? undefined : { unusable: reason };
    },
    lacks: (target) =>
      manifestsOf(definition, target) ? undefined : "the version set has no file of it among Istio's samples",
    async install(target, signal) {
      const file = target.access.manifests[name];
      const objects = file
        ? await loadRelease(file)
        : await loadManifests(join(import.meta.dirname, `${name}.yaml`), own?.(target) ?? {});
      await applyAgain(target, name, objects, signal);
    },
    async prove(target, signal) {
      await rolledOut(target.kube, workload, signal);
      return probe(target, signal);
    },
    version: async (target) => (await definition.version?.(target)) ?? imageTag(await workloadOf(target)),
  };
}

const unserved = "the lab is made of what package registries have, and none has it";

/** Whether there is something to install: a file of the release, or the lab's own with an image for it. */
function manifestsOf({ name, own }: AddonDefinition, { access }: Target): boolean {
  return access.manifests[name] !== undefined || (own !== undefined && access.parts[name] !== undefined);
}

/** As KubeVirt's blog says: "If there are errors when installing the addons, try running the command again." */
async function applyAgain(
  { kube }: Target,
  name: string,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<void> {
  // Older samples bring a kind of their own and objects of it, which the API takes only a moment later.
  const what = `the API takes all ${objects.length} objects of the addon \`${name}\``;
  await eventually({ what, budgetMs: timeouts.kindServed, signal }, () => kube.apply(objects, { namespace, signal }));
}
