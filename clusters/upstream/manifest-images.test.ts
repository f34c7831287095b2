import { expect, test } from "vitest";
import { completeReference, imagesOfManifest, withImages } from "./manifest-images.ts";

const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: one, annotations: { image: not-this } }
spec:
  template:
    spec:
      initContainers: [{ name: a, image: "busybox:1.36" }]
      containers:
        - { name: b, image: quay.io/demo/b:v1 }
        - { name: c, image: quay.io/demo/b:v1 }
---
# A template for pods in a ConfigMap is text, not a pod.
apiVersion: v1
kind: ConfigMap
metadata: { name: two }
data: { template: "containers: [{ image: not-this-either }]" }
`;

test("The images of a manifest are those of its containers, each once and complete.", () => {
  expect(imagesOfManifest(manifest)).toEqual(["docker.io/library/busybox:1.36", "quay.io/demo/b:v1"]);
});

test("Images are replaced in a copy.", () => {
  const pod = { kind: "Pod", spec: { containers: [{ image: "prom/prometheus" }] } };
  const changed = withImages(pod, (reference) => reference.replace("docker.io", "mirror.example"));
  expect(changed.spec.containers).toEqual([{ image: "mirror.example/prom/prometheus:latest" }]);
  expect(pod.spec.containers).toEqual([{ image: "prom/prometheus" }]);
});

test.each([
  ["busybox", "docker.io/library/busybox:latest"],
  ["busybox:1.36", "docker.io/library/busybox:1.36"],
  ["prom/prometheus:v3.1.0", "docker.io/prom/prometheus:v3.1.0"],
  ["quay.io/kiali/kiali:v2.5", "quay.io/kiali/kiali:v2.5"],
  ["localhost/a", "localhost/a:latest"],
  ["127.0.0.1:5000/a:1", "127.0.0.1:5000/a:1"],
  [`quay.io/a@sha256:${"0".repeat(64)}`, `quay.io/a@sha256:${"0".repeat(64)}`],
])("%s is %s.", (text, complete) => {
  expect(completeReference(text)).toBe(complete);
});
