import { answered } from "../../lib/expectations.ts";
import { check, expect, migrationSucceeds } from "../../lib/test.ts";

check(
  {
    title:
      "After a live migration under STRICT the source pod has finished, and mesh and Service know the target alone.",
    profile: "extended",
    tags: ["migration", "vmi", "mtls", "two-nodes"],
    source: "kubevirt-tests",
    rows: ["L1", "L2", "L4"],
    needs: ["kubevirt", "istio", "istio-cni", "two-nodes", "live-migration"],
  },
  async (fixtures) => {
    const { apply, applyStep, pod, vmi, kube, namespace } = fixtures;
    const { proxy, eventually, expectExchange, expectEndpoints, expectSynced } = fixtures;
    await apply();
    const [meshPod, istioVmi] = await Promise.all([pod("mesh-pod"), vmi("istio-vmi")]);
    if (!meshPod.identity || !istioVmi.identity) return expect.unreachable("a workload has no proxy");
    const asPod = answered({ identity: meshPod.identity, viaEnvoy: true });
    const asVmi = answered({ identity: istioVmi.identity, viaEnvoy: true });
    const toVmi = { url: `http://istio-vmi.${namespace}:8080` };
    const toPod = { url: `http://mesh-pod.${namespace}:8080` };
    await expectExchange(meshPod, toVmi, asPod);
    await expectExchange(istioVmi, toPod, asVmi);
    const source = await istioVmi.pod();
    const sourceProxy = await proxy(istioVmi);

    await applyStep("migrate");
    await migrationSucceeds("to-the-other-node", fixtures);
    await expectExchange(meshPod, toVmi, asPod);
    await expectExchange(istioVmi, toPod, asVmi);

    const { name } = source.metadata;
    await eventually("every container of the source pod has finished, its proxy included", async () => {
      const left = await kube.get({ apiVersion: "v1", kind: "Pod", name, namespace });
      expect(left, "the source pod").toBeDefined();
      expect(unfinished(left?.["status"])).toEqual([]);
    });
    await expectEndpoints("istio-vmi", [istioVmi]);
    await expectSynced(istioVmi);
    await eventually("proxy-status has the source's proxy no more", async () => {
      expect(await sourceProxy.status()).toEqual({});
    });
  },
);

/** Names of the containers that have not ended, those of native sidecars and other init containers included. */
function unfinished(status: unknown): string[] {
  type Container = { name: string; state?: { terminated?: object } };
  const { containerStatuses = [], initContainerStatuses = [] } = (status ?? {}) as Record<string, Container[]>;
  const all = [...initContainerStatuses, ...containerStatuses];
  return all.filter(({ state }) => state?.terminated === undefined).map(({ name }) => name);
}
