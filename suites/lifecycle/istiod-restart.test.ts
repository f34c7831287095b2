import { answered, assertExchanges, readiness } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "While istiod is restarted no request to or from a VMI is lost, and its proxy is SYNCED with the new one.",
    profile: "core",
    tags: ["lifecycle", "vmi", "mtls"],
    source: "vmesh",
    rows: ["L6"],
    needs: ["kubevirt", "istio", "istio-cni"],
    // Meanwhile no pod gets a proxy and no policy takes effect, in the whole mesh.
    serial: true,
  },
  async (fixtures) => {
    const { apply, vmi, pod, kube, proxy, property } = fixtures;
    const { eventually, expectExchange, expectSynced, exchangesDuring } = fixtures;
    await apply();
    const [server, meshPod] = await Promise.all([vmi("istio-vmi"), pod("mesh-pod")]);
    if (!server.identity || !meshPod.identity) return expect.unreachable("the VMI or the pod has no proxy");
    const toVmi = { url: `http://istio-vmi.${fixtures.namespace}:8080` };
    const toPod = { url: `http://mesh-pod.${fixtures.namespace}:8080` };
    const asPod = answered({ identity: meshPod.identity, viaEnvoy: true });
    const asVmi = answered({ identity: server.identity, viaEnvoy: true });
    await Promise.all([expectExchange(meshPod, toVmi, asPod), expectExchange(server, toPod, asVmi)]);

    const istiods = { apiVersion: "v1", kind: "Pod", namespace: "istio-system", labelSelector: "app=istiod" };
    const ownProxy = await proxy(server);
    const served = () => ownProxy.clusterCounter("inbound|8080||", "upstream_rq_total");
    const servedBefore = await served();
    const restart = async () => {
      await eventually("requests flow", async () => expect(await served()).toBeGreaterThan(servedBefore + 10));
      const [before] = await kube.list(istiods);
      if (!before) return expect.unreachable("there is no istiod");
      await kube.remove({ ...istiods, name: before.metadata.name });
      const isReplaced = async () => {
        const [after, ...more] = await kube.list(istiods);
        expect(more).toEqual([]);
        expect(after?.metadata.uid).not.toBe(before.metadata.uid);
        expect(readiness(after ?? before)).toEqual({ discovery: true });
      };
      await eventually("a new istiod is Ready, alone", isReplaced, { withinMs: 90_000 });
      await expectSynced(server);
    };
    const restarted = restart();
    // About ten requests a second, from each side.
    const series = { count: 50, intervalMs: 80 };
    const [inbound, outbound] = await Promise.all([
      exchangesDuring(() => restarted, meshPod, { ...toVmi, ...series }),
      exchangesDuring(() => restarted, server, { ...toPod, ...series }),
    ]);
    property("requests_inbound", inbound.length);
    property("requests_outbound", outbound.length);
    assertExchanges(inbound, asPod, "pod → VMI while istiod restarts");
    assertExchanges(outbound, asVmi, "VMI → pod while istiod restarts");
  },
);
