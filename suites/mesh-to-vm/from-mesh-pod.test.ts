import { answered } from "../../lib/expectations.ts";
import { check, expect, mesh } from "../../lib/test.ts";

check(
  {
    title: "A mesh pod calls the application on a VM outside the cluster by its Service over mutual TLS.",
    profile: "core",
    tags: ["vm", "inbound", "mtls"],
    source: "istio-vms-k3s-multipass",
    rows: ["X10"],
    needs: ["external-vm"],
  },
  async ({ apply, pod, externalVm, proxy, expectExchange }) => {
    await apply();
    const [client, vm] = await Promise.all([pod("client"), externalVm()]);
    if (!client.identity) return expect.unreachable("the client has no proxy");
    const { workload, port, url } = mesh.vm;
    const byTheVm = answered({ identity: client.identity, viaEnvoy: true, by: workload });
    await expectExchange(client, { url }, byTheVm);

    const inbound = `inbound|${port}||`;
    const call = () => expectExchange(client, { url, count: 5, intervalMs: 100 }, byTheVm);
    const counted = await (await proxy(vm)).requestsDuring([inbound], call);
    expect(counted[inbound], "requests counted by the VM's own proxy").toBeGreaterThanOrEqual(5);
  },
);
