import { answered, containerStates, resetByStrictMtls } from "../../lib/expectations.ts";
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
    const { unmeshed, apply, applyStep, pod, vmi, kube, namespace } = fixtures;
    const { proxy, eventually, expectExchange, expectEndpoints, expectSynced } = fixtures;
    const outside = await unmeshed();
    await apply();
    const [meshPod, outsider, istioVmi] = await Promise.all([
      pod("mesh-pod"),
      pod("outsider", { namespace: outside }),
      vmi("istio-vmi"),
    ]);
    if (!meshPod.identity || !istioVmi.identity) return expect.unreachable("a workload has no proxy");
    const asPod = answered({ identity: meshPod.identity, viaEnvoy: true });
    const asVmi = answered({ identity: istioVmi.identity, viaEnvoy: true });
    const toVmi = { url: `http://istio-vmi.${namespace}:8080` };
    const toPod = { url: `http://mesh-pod.${namespace}:8080` };
    await expectExchange(outsider, toVmi, answered({ plaintext: true }));
    await applyStep("strict");
    await expectExchange(outsider, toVmi, resetByStrictMtls(), { times: 3 });
    await expectExchange(meshPod, toVmi, asPod);
    await expectExchange(istioVmi, toPod, asVmi);
    const source = await istioVmi.pod();
    const sourceProxy = await proxy(istioVmi);

    await applyStep("migrate");
    await migrationSucceeds("to-the-other-node", fixtures);
    await expectExchange(meshPod, toVmi, asPod);
    await expectExchange(istioVmi, toPod, asVmi);
    await expectExchange(outsider, toVmi, resetByStrictMtls(), { times: 3 });

    const { name } = source.metadata;
    await eventually(
      "every container of the source pod has finished, its proxy included",
      async () => {
        const left = await kube.get({ apiVersion: "v1", kind: "Pod", name, namespace });
        expect(left, "the source pod").toBeDefined();
        expect(new Set(Object.values(containerStates(left ?? source))), "the source pod").toEqual(
          new Set(["terminated"]),
        );
      },
      { withinMs: 90_000 },
    );
    await expectEndpoints("istio-vmi", [istioVmi]);
    await expectSynced(istioVmi);
    await eventually("proxy-status has the source's proxy no more", async () => {
      expect(await sourceProxy.status()).toEqual({});
    });
  },
);
