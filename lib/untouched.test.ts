import { expect, test } from "vitest";
import type { Kube } from "./kube.ts";
import { differences, printCluster, putBackByChecks } from "./untouched.ts";

type Meta = Record<string, unknown>;

/** An API with these objects: path of the collection to metadata, a page each. */
function api(pages: Record<string, Meta[][]>): { kube: Kube; asked: string[] } {
  const asked: string[] = [];
  const discovery: Record<string, unknown> = {
    "/apis": {
      groups: [
        { preferredVersion: { groupVersion: "apps/v1" } },
        { preferredVersion: { groupVersion: "metrics.k8s.io/v1beta1" } },
      ],
    },
    "/api/v1": {
      resources: [
        { name: "pods", kind: "Pod", verbs: ["get", "list"] },
        { name: "pods/log", kind: "Pod", verbs: ["get"] },
        { name: "bindings", kind: "Binding", verbs: ["create"] },
        { name: "events", kind: "Event", verbs: ["list"] },
        { name: "namespaces", kind: "Namespace", verbs: ["list"] },
      ],
    },
    "/apis/apps/v1": { resources: [{ name: "deployments", kind: "Deployment", verbs: ["list"] }] },
  };
  const raw: Kube["raw"] = async (url) => {
    asked.push(url);
    const [path = "", query = ""] = url.split("?");
    if (discovery[path]) return JSON.stringify(discovery[path]);
    const page = Number(new URLSearchParams(query).get("continue") ?? "0");
    const all = pages[path] ?? [[]];
    const more = page + 1 < all.length ? `${page + 1}` : "";
    const items = (all[page] ?? []).map((metadata) => ({ metadata }));
    return JSON.stringify({ metadata: { continue: more }, items });
  };
  return { kube: { raw } as Partial<Kube> as Kube, asked };
}

test("Every kind that can be listed is, page by page, without noise and without what a controller makes anew.", async () => {
  const owned = { uid: "o", name: "web-1", namespace: "a", ownerReferences: [{ controller: true }] };
  const { kube, asked } = api({
    "/api/v1/pods": [[{ uid: "p", name: "own", namespace: "a", labels: { x: "1" } }, owned]],
    "/api/v1/namespaces": [[{ uid: "n1", name: "a" }], [{ uid: "n2", name: "b" }]],
    "/apis/apps/v1/deployments": [[{ uid: "d", name: "web", namespace: "a", generation: 3 }]],
  });
  expect(await printCluster(kube)).toEqual({
    "Pod.v1 a/own": { uid: "p", labels: { x: "1" } },
    "Namespace.v1 a": { uid: "n1", labels: {} },
    "Namespace.v1 b": { uid: "n2", labels: {} },
    "Deployment.apps/v1 a/web": { uid: "d", generation: 3, labels: {} },
  });
  expect(asked.filter((path) => /events|metrics|bindings|log/.test(path))).toEqual([]);
});

test("What is equal by uid, generation and labels is no difference; each other one is a sentence.", () => {
  const before = {
    "A same": { uid: "1", generation: 1, labels: { a: "1" } },
    "B gone": { uid: "2", labels: {} },
    "C replaced": { uid: "3", labels: {} },
    "D changed": { uid: "4", generation: 1, labels: { a: "1", b: "2" } },
  };
  const after = {
    "A same": { uid: "1", generation: 1, labels: { a: "1" } },
    "C replaced": { uid: "33", labels: {} },
    "D changed": { uid: "4", generation: 2, labels: { b: "3", c: "4" } },
    "E new": { uid: "5", labels: {} },
  };
  expect(differences(before, before)).toEqual([]);
  expect(differences(before, after)).toEqual([
    "B gone is gone",
    "C replaced is another object of the same name",
    "D changed: generation 1 is now 2, label a=1 is now (none), label b=2 is now 3, label c=(none) is now 4",
    "E new is new",
  ]);
});

test("What checks put back may be another object, but has to be there, and as it was.", () => {
  const [name = ""] = putBackByChecks;
  const before = { [name]: { uid: "1", generation: 4, labels: { a: "1" } } };
  expect(differences(before, { [name]: { uid: "2", generation: 1, labels: { a: "1" } } })).toEqual([]);
  expect(differences(before, { [name]: { uid: "2", labels: {} } })).toEqual([`${name}: label a=1 is now (none)`]);
  expect(differences(before, {})).toEqual([`${name} is gone`]);
});
