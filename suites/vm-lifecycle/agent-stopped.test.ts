import { answered, noHealthyUpstream } from "../../lib/expectations.ts";
import { check, clusterIpOf, expect, istiodOf, mesh } from "../../lib/test.ts";

check(
  {
    title:
      "A VM whose agent is stopped leaves the mesh, its packet filters and DNS as before, and joins anew; SSH goes on.",
    profile: "core",
    tags: ["vm", "lifecycle"],
    source: "vmesh",
    rows: ["X6", "X7", "X13", "X14"],
    needs: ["external-vm"],
  },
  async ({ apply, pod, externalVm, environment, kube, rejoinAfterwards, afterwards, eventually, expectExchange }) => {
    await apply();
    const [client, vm] = await Promise.all([pod("client"), externalVm()]);
    if (!client.identity || !vm.identity) return expect.unreachable("the client or the VM has no identity");
    const { workload } = mesh.vm;
    const toVm = { url: mesh.vm.url };
    const known = answered({ identity: client.identity, by: workload });
    const name = istiodOf(environment);
    const istiod = await kube.get({ apiVersion: "v1", kind: "Service", name, namespace: "istio-system" });
    const resolved = async () => (await vm.sh(`dig +short +time=2 ${name}.istio-system.svc.cluster.local`)).trim();
    const captured = async () =>
      (await vm.sh("(iptables-save; iptables-legacy-save) 2>/dev/null | grep -c ISTIO || true")).trim();
    await rejoinAfterwards(vm);
    await expectExchange(client, toVm, known);
    const first = await vm.entry();
    expect(first, `WorkloadEntry ${vm.entryName}`).toBeDefined();
    expect(await captured()).not.toBe("0");
    await eventually("its resolver knows istiod", async () => expect(await resolved()).toBe(clusterIpOf(istiod)));

    const session = await vm.openSession();
    afterwards("its session has ended", () => session.close());
    await vm.sh("systemctl stop istio");
    await eventually("its entry is that of a VM that has left", async () =>
      expect((await vm.entry())?.metadata).toMatchObject({
        uid: first?.metadata.uid,
        annotations: { "istio.io/disconnectedAt": expect.any(String) },
      }),
    );
    expect(await captured(), "Istio's rules").toBe("0");
    expect(await resolved(), "what its own resolver says of istiod").not.toBe(clusterIpOf(istiod));
    await eventually("its entry is deleted after the grace period", async () =>
      expect(await vm.entry()).toBeUndefined(),
    );
    await expectExchange(client, toVm, noHealthyUpstream());

    await vm.sh(`systemctl stop ${workload}`);
    await vm.startAgent();
    expect(await captured()).not.toBe("0");
    await eventually("it is registered anew", async () => {
      const { uid } = (await vm.entry())?.metadata ?? {};
      expect(uid).toBeDefined();
      expect(uid).not.toBe(first?.metadata.uid);
    });
    await eventually("it is unhealthy, as nothing listens yet", async () =>
      expect(await vm.health()).toMatch(/^False: .* connection refused$/),
    );
    await expectExchange(client, toVm, noHealthyUpstream(), { times: 2 });
    await vm.startApplication();
    await eventually("it is healthy", async () => expect(await vm.health()).toBe("True"));
    await expectExchange(client, toVm, known);
    expect(await session.close(), "the connection from before").toBe("closed");
  },
);
