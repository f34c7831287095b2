import { answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A VMI reaches a VMI on another node over mutual TLS.",
    profile: "extended",
    tags: ["vmi-to-vmi", "vmi", "mtls", "two-nodes"],
    source: "kubevirt-blog",
    rows: ["C3"],
    needs: ["kubevirt", "istio", "istio-cni", "two-nodes"],
  },
  async ({ apply, vmi, kube, expectExchange, namespace }) => {
    await apply();
    const [cirros] = await Promise.all([vmi("cirros-vmi"), vmi("istio-vmi")]);
    const identity = cirros.identity;
    if (!identity) return expect.unreachable("cirros-vmi has no proxy");

    const vmis = await kube.list({ apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstance", namespace });
    const nodes = vmis.map(({ status }) => (status as { nodeName?: string }).nodeName);
    expect(new Set(nodes).size, `the two VMIs run on different nodes, they are on ${nodes.join(" and ")}`).toBe(2);

    const url = `http://istio-vmi-svc.${namespace}.svc.cluster.local:8080`;
    await expectExchange(cirros, { url, count: 5 }, answered({ identity, viaEnvoy: true }));
  },
);
