import { answered, noHealthyUpstream, readiness } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A VMI without the annotation has a proxy that is not Ready; the event names 15021, as in the user guide.",
    profile: "core",
    tags: ["enrolment", "vmi"],
    source: "kubevirt-user-guide",
    rows: ["V5"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, applyStep, launcher, eventually, expectEvent, vmi, pod, expectExchange, namespace }) => {
    await apply();
    const remove = await applyStep("unannotated");
    const [withoutPorts, withPorts] = await Promise.all([launcher("istio-vmi"), launcher("ports-vmi")]);
    // The namespace's label is enough for the proxy; what is missing is KubeVirt's part of the redirection.
    expect(readiness(withoutPorts), "the launcher has a proxy").toHaveProperty("istio-proxy");

    // Without a list of ports KubeVirt forwards every port to the guest, the proxy's own ones too: first nothing has the
    // guest's address, then the guest refuses.
    const refusedByGuest = /Readiness probe failed: Get ".*:15021\/healthz\/ready": dial tcp .*: connection refused/;
    await expectEvent(withoutPorts.metadata.name, refusedByGuest);
    // With a list the proxy is Ready, but it reaches no guest, so the VMI's own probe fails in the proxy's agent.
    await expectEvent(withPorts.metadata.name, /Readiness probe failed: HTTP probe failed with statuscode: 500/);
    const toVmi = { url: `http://istio-vmi.${namespace}:8080` };
    const client = await pod("client");
    await expectExchange(client, toVmi, noHealthyUpstream());
    const proxyIsReady = async (name: string) => readiness(await launcher(name))["istio-proxy"];
    // It takes four failures of a probe that runs every 15 s.
    const proxyFails = async () => expect(await proxyIsReady("istio-vmi")).toBe(false);
    await eventually("the proxy of istio-vmi is not Ready", proxyFails, { withinMs: 120_000 });
    expect(await proxyIsReady("ports-vmi"), "the proxy of ports-vmi is Ready").toBe(true);

    await remove();
    await applyStep("annotated");
    await vmi("istio-vmi");
    if (!client.identity) return expect.unreachable("the client pod has no proxy");
    await expectExchange(client, toVmi, answered({ identity: client.identity, viaEnvoy: true }));
  },
);
