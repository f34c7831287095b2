import { describe, expect, test } from "vitest";
import { withImagesAt } from "./operator-manifest.ts";

describe("KubeVirt's released manifest", () => {
  const manifest = "image: quay.io/kubevirt/virt-operator:v1.7.0\n# see quay.io/other/thing:v1\n";

  test.each(["registry.vmesh.lab:5000/kubevirt", "mirror.example/up/kubevirt"])(
    "gets its images from %s, and nothing else is changed.",
    (prefix) => {
      expect(withImagesAt(prefix, manifest, "quay.io/kubevirt/virt-operator:v1.7.0")).toBe(
        `image: ${prefix}/virt-operator:v1.7.0\n# see quay.io/other/thing:v1\n`,
      );
    },
  );

  test("is an error where it runs another operator than the set names.", () => {
    expect(() => withImagesAt("mirror.example", manifest, "quay.io/kubevirt/virt-operator:v1.8.0")).toThrow(
      "does not name `quay.io/kubevirt/virt-operator:v1.8.0`",
    );
  });
});
