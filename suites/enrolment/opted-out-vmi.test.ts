import { answered, readiness } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A VMI that opts out of a mesh namespace gets no proxy and answers in plaintext.",
    profile: "core",
    tags: ["enrolment", "vmi"],
    source: "kubevirt-user-guide",
    rows: ["V2"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ unmeshed, apply, vmi, pod, expectExchange, namespace }) => {
    const outside = await unmeshed();
    await apply();
    const [server, meshPod, outsider] = await Promise.all([
      vmi("opted-out-vmi"),
      pod("mesh-pod"),
      pod("outsider", { namespace: outside }),
    ]);
    expect(meshPod.identity, "a pod of the namespace that does not opt out has a proxy").toBeDefined();

    const launcher = await server.pod();
    expect(launcher.metadata.labels, "KubeVirt copies the refusal to a label of the pod").toMatchObject({
      "sidecar.istio.io/inject": "false",
    });
    expect(readiness(launcher), "the launcher has no proxy").not.toHaveProperty("istio-proxy");
    const toVmi = { url: `http://opted-out-vmi.${namespace}:8080` };
    await expectExchange(outsider, toVmi, answered({ plaintext: true, viaEnvoy: false }));
  },
);
