import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "An annotated VMI in a mesh namespace gets its proxy and becomes Ready.",
    profile: "core",
    tags: ["enrolment", "vmi"],
    source: "kubevirt-user-guide",
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, vmi, kube, namespace }) => {
    await apply();
    await vmi("istio-vmi");

    const labelSelector = "vm.kubevirt.io/name=istio-vmi";
    const [launcher] = await kube.list({ apiVersion: "v1", kind: "Pod", namespace, labelSelector });
    expect(launcher?.metadata.labels, "KubeVirt copies the annotation to a label of the pod").toMatchObject({
      "sidecar.istio.io/inject": "true",
    });
    // Since Kubernetes 1.33 the proxy is a native sidecar: an init container that keeps running.
    expect(readiness(launcher?.status), "the proxy runs and is ready").toMatchObject({
      compute: true,
      "istio-proxy": true,
    });
  },
);

/** Container name to readiness, init containers included. */
function readiness(status: unknown): Record<string, boolean> {
  type Statuses = { name: string; ready: boolean }[];
  const { containerStatuses = [], initContainerStatuses = [] } = (status ?? {}) as Record<string, Statuses | undefined>;
  return Object.fromEntries([...initContainerStatuses, ...containerStatuses].map(({ name, ready }) => [name, ready]));
}
