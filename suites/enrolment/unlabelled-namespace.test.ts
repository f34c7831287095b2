import { readiness } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "In a namespace without an injection label an annotated VMI gets its proxy all the same, a pod none.",
    profile: "core",
    tags: ["enrolment", "vmi"],
    source: "kubevirt-user-guide",
    rows: ["V5"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, applyStep, launcher, vmi, pod, kube, namespace }) => {
    const unlabelled = { metadata: { labels: { "istio-injection": null } } };
    await kube.patch({ apiVersion: "v1", kind: "Namespace", name: namespace }, unlabelled);
    await apply();
    // The user guide expects no proxy here. Since KubeVirt 1.0 the launcher carries the annotation as a label, too, and
    // Istio injects into labelled pods of namespaces that say neither yes nor no.
    expect(readiness(await launcher("istio-vmi")), "the launcher has a proxy").toHaveProperty("istio-proxy");
    const started = await (await vmi("istio-vmi")).pod();
    expect(readiness(started), "the proxy runs and is ready").toMatchObject({ compute: true, "istio-proxy": true });
    // A pod that says nothing shows that it is not the namespace which asks for the proxy.
    await applyStep("plain-pod");
    const plain = await (await pod("plain-pod")).pod();
    expect(readiness(plain), "a pod without the label has no proxy").toEqual({ echo: true });
  },
);
