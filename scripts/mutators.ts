import { isDeepStrictEqual } from "node:util";
import { environmentError } from "../lib/errors.ts";
import { describeRef, type Kube, type KubeObject, type ListQuery, refOf } from "../lib/kube.ts";
import { timeouts } from "../lib/timeouts.ts";
import { pause } from "../lib/wait.ts";

/** Puts a cluster into a mutated state. What it returns restores the cluster, and throws if that cannot be seen. */
export type Mutator = (scene: { kube: Kube; signal: AbortSignal }) => Promise<() => Promise<void>>;

/** Between two looks for new objects; far below what a pod takes to its first request. */
const lookEveryMs = 250;

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
export function changing(query: ListQuery, change: (object: KubeObject) => Record<string, unknown>): Mutator {
  return async ({ kube }) => {
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
 * Acts once on every object that appears later and fits: those that checks make in namespaces of their own, or in the
 * root namespace and remove again. Nothing to restore, but it throws if no object came by: then nothing was mutated.
 */
export function onAppearance(
  query: ListQuery,
  fits: (object: KubeObject) => boolean,
  act: (object: KubeObject, kube: Kube) => Promise<unknown>,
): Mutator {
  return async ({ kube }) => {
    const uidOf = ({ metadata }: KubeObject) => metadata.uid ?? "";
    const seen = new Set((await kube.list(query)).map(uidOf));
    const stop = new AbortController();
    let acted = 0;
    const watch = async () => {
      while (!stop.signal.aborted) {
        const fresh = (await kube.list(query)).filter((object) => !seen.has(uidOf(object)) && fits(object));
        for (const object of fresh) {
          seen.add(uidOf(object));
          if (object.metadata.deletionTimestamp) continue;
          await act(object, kube);
          acted += 1;
        }
        await pause(lookEveryMs, stop.signal).catch((error: unknown) => {
          if (!stop.signal.aborted) throw error;
        });
      }
    };
    const ended = watch().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    return async () => {
      stop.abort();
      const failure = await ended;
      if (failure) throw failure.error;
      if (acted === 0) throw nothingMutated(query);
    };
  };
}

function nothingMutated({ kind, namespace, labelSelector }: ListQuery): Error {
  const where = namespace === undefined ? "" : ` in \`${namespace}\``;
  const labels = labelSelector === undefined ? "" : ` with label \`${labelSelector}\``;
  return environmentError(
    `There was no ${kind}${where}${labels} to mutate, so the checks ran on an unchanged cluster.`,
  );
}
