import { readiness } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "An annotated VMI in a mesh namespace gets its proxy and becomes Ready.",
    profile: "core",
    tags: ["enrolment", "vmi"],
    source: "kubevirt-user-guide",
    rows: ["V1"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, launcher, vmi }) => {
    await apply();
    expect(readiness(await launcher("istio-vmi")), "the launcher has a proxy").toHaveProperty("istio-proxy");

    const started = await (await vmi("istio-vmi")).pod();
    expect(started.metadata.labels, "KubeVirt copies the annotation to a label of the pod").toMatchObject({
      "sidecar.istio.io/inject": "true",
    });
    // Since Kubernetes 1.33 the proxy is a native sidecar: an init container that keeps running.
    expect(readiness(started), "the proxy runs and is ready").toMatchObject({ compute: true, "istio-proxy": true });
  },
);
