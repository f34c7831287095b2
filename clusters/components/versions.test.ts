import { expect, test } from "vitest";
import type { Kube, KubeObject } from "../../lib/kube.ts";
import type { Target } from "./component.ts";
import { imageTag } from "./image-tag.ts";
import { kubevirt } from "./kubevirt.ts";

const contentKey = "c669c2d38b229597";

test.for([
  ["quay.io/jetstack/thing:v1.2.3", "v1.2.3"],
  ["quay.io/jetstack/thing:v1.2.3@sha256:0a1b", "v1.2.3"],
  ["registry.test:5000/thing@sha256:0a1b", "unknown"],
  ["registry.test:5000/thing", "unknown"],
  [`registry.test:5000/thing:${contentKey}`, "unknown"],
] as const)("The version that the image %s tells is %s.", ([image, version]) => {
  const spec = { template: { spec: { containers: [{ name: "thing", image }] } } };
  expect(imageTag({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "thing" }, spec })).toBe(version);
});

/** What is known of a cluster whose KubeVirt tells this of itself, by a provider that knows this. */
async function versionOf(status: object, versions: Record<string, string>): Promise<string> {
  const object = { apiVersion: "kubevirt.io/v1", kind: "KubeVirt", metadata: { name: "kubevirt" }, status };
  const kube: Partial<Kube> = { serves: async () => true, list: async () => [object as KubeObject] };
  return kubevirt.version({ kube, access: { versions } } as unknown as Target);
}

test.for([
  ["it tells", { observedKubeVirtVersion: "v1.6.2" }, { kubevirt: "v1.7.0" }, "v1.6.2"],
  [
    "was built, where it tells that of its images",
    { observedKubeVirtVersion: contentKey },
    { kubevirt: "v1.7.0" },
    "v1.7.0",
  ],
  ["nobody knows, in a lab of another", { observedKubeVirtVersion: contentKey }, {}, "unknown"],
  ["its operator tells, until it has installed it", { operatorVersion: "v1.6.2" }, {}, "v1.6.2"],
] as const)("KubeVirt is of the version that %s.", async ([, status, versions, version]) => {
  expect(await versionOf(status, versions)).toBe(version);
});
