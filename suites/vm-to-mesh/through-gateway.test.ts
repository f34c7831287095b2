import { answered } from "../../lib/expectations.ts";
import { check, expect, externalIpOf, mesh } from "../../lib/test.ts";

check(
  {
    title: "A VM on a network of its own reaches pods through the east-west gateway's port 15443 alone.",
    profile: "core",
    tags: ["vm", "outbound", "multi-network"],
    source: "istio-vms-k3s-multipass",
    rows: ["X16"],
    needs: ["external-vm", "eastwest-gateway"],
  },
  async ({ apply, pod, externalVm, proxy, kube, expectExchange, namespace }) => {
    await apply();
    const [vm] = await Promise.all([externalVm(), pod("server")]);
    if (!vm.identity) return expect.unreachable("the VM has no identity");
    const host = `server.${namespace}.svc.cluster.local`;
    await expectExchange(vm, { url: `http://${host}:8080` }, answered({ identity: vm.identity, viaEnvoy: true }));

    const { service: name, namespace: where, ports } = mesh.gateway;
    const service = await kube.get({ apiVersion: "v1", kind: "Service", name, namespace: where });
    const lines = (await (await proxy(vm)).admin("/clusters")).split("\n");
    const hosts = lines.flatMap((line) => {
      const [cluster = "", address = "", stat] = line.split("::");
      return cluster.startsWith(`outbound|8080||${host}`) && stat === "rq_total" ? [address] : [];
    });
    expect(hosts).toEqual([`${externalIpOf(service)}:${ports.services}`]);
  },
);
