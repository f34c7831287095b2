import { containerStates } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "Without the NetworkAttachmentDefinition of Istio a VMI is stuck in Init; with it again, it becomes Ready.",
    profile: "core",
    tags: ["enrolment", "vmi", "multus"],
    source: "kubevirt-user-guide",
    rows: ["V4"],
    needs: ["kubevirt", "istio", "istio-cni", "istio-cni-multus"],
    // No other pod with a proxy could start meanwhile.
    serial: true,
  },
  async ({ apply, launcher, expectEvent, withdraw, vmi }) => {
    // The user guide has it in the namespace of the VMI; since Istio 1.19 the one in `default` is asked for.
    const definition = { apiVersion: "k8s.cni.cncf.io/v1", kind: "NetworkAttachmentDefinition" };
    const putBack = await withdraw({ ...definition, name: "istio-cni", namespace: "default" });
    await apply();
    const stuck = await launcher("istio-vmi");
    expect(stuck.metadata.annotations, "the injected pod asks for Istio's network").toMatchObject({
      "k8s.v1.cni.cncf.io/networks": "default/istio-cni",
    });
    const missing = /Multus: .* cannot find a network-attachment-definition \(istio-cni\) in namespace \(default\)/;
    await expectEvent(stuck.metadata.name, missing);
    // The event tells of the first attempt; the pod is looked at again, as its first appearance proves nothing.
    const still = await launcher("istio-vmi");
    expect(still.status, "the pod is stuck").toMatchObject({ phase: "Pending" });
    expect(new Set(Object.values(containerStates(still))), "no container has started").toEqual(new Set(["waiting"]));

    await putBack();
    const started = await (await vmi("istio-vmi")).pod();
    expect(started.metadata.uid, "the same pod goes on").toBe(stuck.metadata.uid);
  },
);
