import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { KubeObject } from "./kube.ts";
import { onBase } from "./overlay.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vmesh-base-"));
  const text = [
    "apiVersion: v1",
    "kind: Pod",
    "metadata:",
    "  name: x",
    "  labels:",
    "    app: $\u007bname}",
    "    tier: back",
    "spec:",
    "  containers: [{ image: '$\u007bimage}' }]",
    "  a: { b: 1, c: 2 }",
    "",
  ].join("\n");
  await writeFile(join(folder, "pod.yaml"), text);
  await writeFile(join(folder, "two.yaml"), `${text}---\n${text}`);
});
afterAll(() => rm(folder, { recursive: true }));

const on = (base: string | undefined, change: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "client", ...(base && { annotations: { "vmesh.dev/base": base, other: "kept" } }) },
  ...change,
});

test("An object is laid over its base: maps merge, lists and values replace, null removes.", async () => {
  const object = on("pod", { spec: { containers: [{ image: "own" }], a: { b: null, c: 3 } } });
  object.metadata.labels = { tier: "front" };
  expect(await onBase(object, folder, { image: "i" })).toEqual({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "client", annotations: { other: "kept" }, labels: { app: "client", tier: "front" } },
    spec: { containers: [{ image: "own" }], a: { c: 3 } },
  });
});

test("The base knows the name of the object and the ambient parameters.", async () => {
  const { metadata, spec } = await onBase(on("pod"), folder, { image: "i" });
  expect(metadata.labels).toEqual({ app: "client", tier: "back" });
  expect(spec).toMatchObject({ containers: [{ image: "i" }] });
});

test("An object without a base stays as it is.", async () => {
  const object = on(undefined);
  expect(await onBase(object, folder, {})).toBe(object);
});

test.each([
  ["nothing", {}, "cannot be read"],
  ["two", {}, "holds 2 objects, expected one"],
  ["pod", { kind: "Service" }, "Service `client` stands on the base `pod`, which is a Pod"],
])("A base `%s` under %j is refused.", async (base, change, message) => {
  await expect(onBase(on(base, change), folder, { image: "i" })).rejects.toThrow(message);
});
