import { describe, expect, test } from "vitest";
import type { Kube, KubeObject, ObjectRef } from "../lib/kube.ts";
import { eventually } from "../lib/wait.ts";
import { createLookout } from "./lookout.ts";
import { adding, changing, onAppearance, type Scene } from "./mutators.ts";

const { signal } = new AbortController();
const pods = { apiVersion: "v1", kind: "Pod" };

describe("adding", () => {
  test("puts objects there until it is stopped.", async () => {
    const { kube, names } = cluster();
    const stop = await adding(pod("one"), pod("two"))(scene(kube, "a/b"));
    expect(names()).toEqual(["one", "two"]);
    await stop();
    expect(names()).toEqual([]);
  });

  test("does not take over an object that is there.", async () => {
    const { kube, names } = cluster(pod("one"));
    await expect(adding(pod("one"))(scene(kube, "a/b"))).rejects.toThrow("Pod one, which the mutation would add");
    expect(names()).toEqual(["one"]);
  });
});

describe("changing", () => {
  const mutate = changing(pods, ({ hooks }) => ({ hooks: (hooks as string[]).map((hook) => `broken ${hook}`) }));

  test("replaces fields and puts them back.", async () => {
    const { kube, objects } = cluster({ ...pod("one"), hooks: ["a", "b"], other: 1 });
    const stop = await mutate(scene(kube, "a/b"));
    expect(objects()).toMatchObject([{ hooks: ["broken a", "broken b"], other: 1 }]);
    await stop();
    expect(objects()).toMatchObject([{ hooks: ["a", "b"], other: 1 }]);
  });

  test("throws if the old values do not come back.", async () => {
    const { kube } = cluster({ ...pod("one"), hooks: ["a"] });
    const stubborn = { ...kube, patch: async () => ({ ...pod("one"), hooks: ["of somebody else"] }) };
    const stop = await mutate(scene(stubborn));
    await expect(stop()).rejects.toThrow("Pod one has lost its old hooks.");
  });

  test("throws if there is nothing to change.", async () => {
    await expect(mutate(scene(cluster().kube))).rejects.toThrow("There was no Pod to mutate");
  });
});

describe("on appearance", () => {
  const fits = ({ metadata }: KubeObject) => metadata.name.startsWith("check");
  const mark = (object: KubeObject, kube: Kube) =>
    kube.patch({ ...pods, name: object.metadata.name }, { marked: true });
  const marked = (objects: KubeObject[]) => objects.filter((one) => one["marked"]).map(({ metadata }) => metadata.name);

  test("each object that comes later and fits is changed.", async () => {
    const { kube, objects } = cluster(pod("check-old"));
    const stop = await onAppearance(pods, fits, mark)(scene(kube, "a/b"));
    await kube.apply([pod("check-new"), pod("other")]);
    await eventually({ what: "the new pod is marked", budgetMs: 5_000, intervalMs: 20 }, async () => {
      expect(marked(objects())).toEqual(["check-new"]);
    });
    await stop();
    await kube.apply([pod("check-late")]);
    expect(marked(objects())).toEqual(["check-new"]);
  });

  test("an object in the namespace of a check that is not declared is left alone.", async () => {
    const { kube, objects } = cluster();
    const stop = await onAppearance(pods, fits, mark)(scene(kube, "a/b", "a/b-c"));
    const inside = (name: string, namespace: string) => ({ ...pod(name), metadata: { name, namespace } });
    await kube.apply([
      inside("check-other", "vmesh-a-other-abcde"),
      inside("check-longer", "vmesh-a-b-d-abcde"),
      inside("check-outside", "vmesh-a-b-abcde-out"),
      inside("check-system", "istio-system"),
      inside("check-own", "vmesh-a-b-c-abcde"),
    ]);
    await eventually({ what: "the pods are marked", budgetMs: 5_000, intervalMs: 20 }, async () => {
      expect(marked(objects())).toEqual(["check-outside", "check-system", "check-own"]);
    });
    await stop();
  });

  test("that nothing came is an error, as then nothing was mutated.", async () => {
    const stop = await onAppearance(pods, fits, mark)(scene(cluster(pod("check-old")).kube));
    await expect(stop()).rejects.toThrow("There was no Pod to mutate, so the checks ran on an unchanged cluster.");
  });

  test("several that look for the same objects ask the API once for all, and each hears of every object.", async () => {
    const { kube, objects } = cluster();
    let lists = 0;
    const list: Kube["list"] = (query) => ((lists += 1), kube.list(query));
    const shared = { ...scene(kube, "a/b"), lookout: createLookout({ list }) };
    const note = (key: string) =>
      onAppearance(pods, fits, ({ metadata: { name } }) => kube.patch({ ...pods, name }, { [key]: true }));
    const stops = [await note("one")(shared), await note("two")(shared)];
    expect(lists).toBe(1);
    await kube.apply([pod("check-new")]);
    await eventually({ what: "the new pod is marked twice", budgetMs: 5_000, intervalMs: 20 }, async () => {
      expect(objects()).toMatchObject([{ one: true, two: true }]);
    });
    for (const stop of stops) await stop();
  });

  test("what goes wrong under way is thrown at the end.", async () => {
    const { kube } = cluster();
    const refused = Promise.withResolvers<void>();
    const refuse = async () => {
      refused.resolve();
      throw new Error("the API answered 422");
    };
    const stop = await onAppearance(pods, fits, refuse)(scene(kube, "a/b"));
    await kube.apply([pod("check-new")]);
    await refused.promise;
    await expect(stop()).rejects.toThrow("the API answered 422");
  });
});

function scene(kube: Kube, ...targets: string[]): Scene {
  return { kube, signal, targets, lookout: createLookout(kube) };
}

function pod(name: string): KubeObject {
  return { ...pods, metadata: { name } };
}

/** The part of an API server that mutators use, in memory. */
function cluster(...initial: KubeObject[]) {
  const stored = new Map<string, KubeObject>();
  let uids = 0;
  const apply = async (objects: readonly KubeObject[]) => {
    for (const object of objects) {
      const uid = stored.get(object.metadata.name)?.metadata.uid ?? `${(uids += 1)}`;
      stored.set(object.metadata.name, { ...object, metadata: { ...object.metadata, uid } });
    }
  };
  void apply(initial);
  const kube = {
    apply,
    get: async ({ name }: ObjectRef) => stored.get(name),
    list: async () => [...stored.values()],
    remove: async ({ name }: ObjectRef) => void stored.delete(name),
    async patch({ name }: ObjectRef, change: object) {
      const changed = { ...stored.get(name), ...change } as KubeObject;
      stored.set(name, changed);
      return changed;
    },
  } as unknown as Kube;
  return { kube, objects: () => [...stored.values()], names: () => [...stored.keys()] };
}
