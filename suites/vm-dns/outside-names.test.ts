import { check, clusterIpOf, expect } from "../../lib/test.ts";

/** To which the lab's other resolver resolves every name. */
const ELSEWHERE = "192.0.2.53";

check(
  {
    title: "A VM still resolves names outside the mesh, and what it asks another resolver is not captured.",
    profile: "core",
    tags: ["vm", "dns"],
    source: "vmesh",
    rows: ["X12"],
    needs: ["external-vm", "external-host"],
  },
  async ({ apply, externalVm, environment, kube, eventually, namespace }) => {
    await apply();
    const vm = await externalVm();
    const service = await kube.get({ apiVersion: "v1", kind: "Service", name: "server", namespace });
    const clusterIP = clusterIpOf(service);
    const other = environment.endpoints.external;
    const dig = async (question: string) => (await vm.sh(`dig +short +time=2 +tries=3 ${question}`)).trim();
    const name = `server.${namespace}.svc.cluster.local`;
    await eventually("the VM's own resolver knows the Service", async () => expect(await dig(name)).toBe(clusterIP));
    expect(await dig("outside.example"), "a name outside the mesh").toBe(ELSEWHERE);
    expect(await dig(`@${other} ${name}`), "the Service's name, asked of another resolver").toBe(ELSEWHERE);
    expect(await dig(`+tcp @${other} ${name}`), "the same over TCP").toBe(ELSEWHERE);
  },
);
