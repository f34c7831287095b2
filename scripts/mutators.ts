import { isDeepStrictEqual } from "node:util";
import { environmentError } from "../lib/errors.ts";
import { namespacePrefix } from "../lib/fixtures/scene.ts";
import { describeRef, type Kube, type KubeObject, type ListQuery, refOf } from "../lib/kube.ts";
import { timeouts } from "../lib/timeouts.ts";
import type { Lookout } from "./lookout.ts";

export interface Scene {
  kube: Kube;
  signal: AbortSignal;
  /** The checks that the mutation declares, by id: in their namespaces it may act, and in no other check's. */
  targets: readonly string[];
  lookout: Lookout;
}

/** Puts a cluster into a mutated state. What it returns restores the cluster, and throws if that cannot be seen. */
export type Mutator = (scene: Scene) => Promise<() => Promise<void>>;

/** Adds objects for as long as the mutation lasts. */
export function adding(...objects: readonly KubeObject[]): Mutator {
  return async ({ kube, signal }) => {
    for (const object of objects) {
      if (!(await kube.get(refOf(object)))) continue;
      throw environmentError(`${describeRef(refOf(object))}, which the mutation would add, is there already.`);
    }
    await kube.apply(objects, { signal });
    return async () => {
      for (const object of objects) await kube.remove(refOf(object), { waitMs: timeouts.objectGone });
    };
  };
}

/**
 * Replaces top-level fields of every object that is listed, and later puts back what they held.
 * Throws if there is no such object, or if one does not hold the old values afterwards.
 */
export function changing(
  query: ListQuery,
  changeFor: (object: KubeObject, targets: readonly string[]) => Record<string, unknown>,
): Mutator {
  return async ({ kube, targets }) => {
    const change = (object: KubeObject) => changeFor(object, targets);
    const originals = await kube.list(query);
    if (originals.length === 0) throw nothingMutated(query);
    const restore = async () => {
      for (const original of originals) {
        const fields = Object.keys(change(original));
        const before = Object.fromEntries(fields.map((field) => [field, original[field] ?? null]));
        const restored = await kube.patch(refOf(original), before);
        const lost = fields.filter((field) => !isDeepStrictEqual(restored[field], original[field]));
        if (lost.length > 0)
          throw environmentError(`${describeRef(refOf(original))} has lost its old ${lost.join(", ")}.`);
      }
    };
    try {
      for (const original of originals) await kube.patch(refOf(original), change(original));
    } catch (error) {
      await restore();
      throw error;
    }
    return restore;
  };
}

/**
 * Acts once on every object that appears later and fits: those that its checks make in namespaces of their own, or
 * outside and remove again; never one in the namespace of another check. Nothing to restore, but it throws if no object
 * came by: then nothing was mutated.
 */
export function onAppearance(
  query: ListQuery,
  fits: (object: KubeObject) => boolean,
  act: (object: KubeObject, kube: Kube) => Promise<unknown>,
): Mutator {
  return async ({ kube, targets, lookout }) => {
    let acted = 0;
    const stop = await lookout.listen(query, async (object) => {
      if (!isMeant(object, targets) || !fits(object)) return;
      await act(object, kube);
      acted += 1;
    });
    return async () => {
      await stop();
      if (acted === 0) throw nothingMutated(query);
    };
  };
}

/** Gives every object that appears and fits new values, as a JSON merge patch. */
export function patching(query: ListQuery, fits: (object: KubeObject) => boolean, mergePatch: object): Mutator {
  return onAppearance(query, fits, (object, kube) => kube.patch(refOf(object), mergePatch));
}

/** Puts further objects into the namespace of every object that appears and fits. */
export function accompanying(
  query: ListQuery,
  fits: (object: KubeObject) => boolean,
  ...objects: readonly KubeObject[]
): Mutator {
  return onAppearance(query, fits, ({ metadata: { namespace = "" } }, kube) => kube.apply(objects, { namespace }));
}

/** A regular expression for the namespaces of these checks, as Go and JavaScript read it. */
export function namespacesOf(checks: readonly string[]): string {
  return `^(${checks.map(namespacePrefix).join("|")})[a-z0-9]{5}(-out)?$`;
}

/** Whether an object is in a namespace of one of the checks, or of no check at all. */
function isMeant({ metadata: { namespace } }: KubeObject, checks: readonly string[]): boolean {
  if (namespace === undefined || !/^vmesh-.*-[a-z0-9]{5}(-out)?$/.test(namespace)) return true;
  return new RegExp(namespacesOf(checks)).test(namespace);
}

function nothingMutated({ kind, namespace, labelSelector }: ListQuery): Error {
  const where = namespace === undefined ? "" : ` in \`${namespace}\``;
  const labels = labelSelector === undefined ? "" : ` with label \`${labelSelector}\``;
  return environmentError(
    `There was no ${kind}${where}${labels} to mutate, so the checks ran on an unchanged cluster.`,
  );
}
