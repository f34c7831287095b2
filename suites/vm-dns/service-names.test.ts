import { check, clusterIpOf, expect, istiodOf, mesh } from "../../lib/test.ts";

check(
  {
    title:
      "A VM resolves Service names, short and long, over UDP and TCP; those of pods on another network it does not.",
    profile: "core",
    tags: ["vm", "dns"],
    source: "istio-vms-k3s-multipass",
    rows: ["X11"],
    needs: ["external-vm"],
  },
  async ({ apply, pod, externalVm, environment, kube, eventually, namespace }) => {
    await apply();
    const [vm] = await Promise.all([externalVm(), pod("server")]);
    const clusterIp = async (name: string, where: string) =>
      clusterIpOf(await kube.get({ apiVersion: "v1", kind: "Service", name, namespace: where })) ?? "no address";
    const istiod = istiodOf(environment);
    const own = await clusterIp("server", namespace);
    const addresses: Record<string, string> = {
      [`${istiod}.istio-system.svc`]: await clusterIp(istiod, mesh.gateway.namespace),
      [`server.${namespace}`]: own,
      [`server.${namespace}.svc`]: own,
      [`server.${namespace}.svc.cluster.local`]: own,
      // istiod leaves out addresses of another network than the asker's: they are of no use there.
      [`headless.${namespace}.svc.cluster.local`]: "",
    };
    const expected = Object.entries(addresses).map(([name, address]) => `${name} ${address}`.trim());
    for (const transport of ["", "+tcp"]) {
      await eventually(`the VM resolves them over ${transport ? "TCP" : "UDP"}`, async () => {
        const digs = Object.keys(addresses).map(
          (name) => `echo ${name} $(dig +short +time=2 +tries=1 ${transport} ${name})`,
        );
        const answers = (await vm.sh(digs.join("\n"))).trim();
        expect(answers).toBe(expected.join("\n"));
      });
    }
  },
);
