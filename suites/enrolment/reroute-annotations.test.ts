import { answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "The launcher of a masquerade VMI names its bridge, and the guest's requests are rerouted; a bridge VMI's names none.",
    profile: "core",
    tags: ["enrolment", "vmi"],
    source: "vmesh",
    rows: ["V3"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, launcher, vmi, pod, proxy, expectExchange, namespace }) => {
    await apply();
    const [client] = await Promise.all([vmi("istio-vmi"), pod("mesh-pod")]);
    if (!client.identity) return expect.unreachable("the VMI has no proxy");
    // The first one is deprecated in favour of the second since Istio 1.25.
    expect((await client.pod()).metadata.annotations, "Istio's CNI plugin reads the bridge here").toMatchObject({
      "traffic.sidecar.istio.io/kubevirtInterfaces": "k6t-eth0",
      "istio.io/reroute-virtual-interfaces": "k6t-eth0",
    });

    // The rules themselves can be read by root alone. That they are there shows in what the proxy counts.
    const outbound = `outbound|8080||mesh-pod.${namespace}.svc.cluster.local`;
    const toPod = { url: `http://mesh-pod.${namespace}:8080` };
    await expectExchange(client, toPod, answered({ identity: client.identity, viaEnvoy: true }));
    const before = await (await proxy(client)).clusterCounter(outbound, "upstream_rq_total");
    await expectExchange(client, toPod, answered({ identity: client.identity, viaEnvoy: true }));
    const after = await (await proxy(client)).clusterCounter(outbound, "upstream_rq_total");
    expect(after - before, "requests of the guest that its proxy sent on").toBeGreaterThanOrEqual(1);

    // With the bridge binding the guest has the pod's address itself, and there is nothing to reroute.
    const { metadata } = await launcher("bridge-vmi");
    expect(metadata.annotations, "the launcher of a bridge VMI").toMatchObject({ "kubevirt.io/domain": "bridge-vmi" });
    const names = Object.keys(metadata.annotations ?? {}).filter((name) => /kubevirtInterfaces|reroute/.test(name));
    expect(names, "annotations that name a bridge").toEqual([]);
  },
);
