import { answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A guest finds a VMI's Service by short name, by name and namespace and in full, and is known there.",
    profile: "core",
    tags: ["vmi-to-vmi", "vmi", "dns", "mtls"],
    source: "kubevirt-blog",
    rows: ["C2"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, vmi, kube, eventually, expectExchange, namespace }) => {
    await apply();
    const [client] = await Promise.all([vmi("client-vmi"), vmi("istio-vmi")]);
    if (!client.identity) return expect.unreachable("the client VMI has no proxy");
    const known = answered({ identity: client.identity, viaEnvoy: true, by: "istio-vmi" });
    const service = await kube.get({ apiVersion: "v1", kind: "Service", name: "istio-vmi", namespace });
    const { clusterIP } = (service?.["spec"] ?? {}) as { clusterIP?: string };

    for (const suffix of ["", `.${namespace}`, `.${namespace}.svc.cluster.local`]) {
      const name = `istio-vmi${suffix}`;
      await eventually(`the guest finds the address of ${name}`, async () => {
        expect(await client.shell(`ping -c 1 -w 1 ${name} | head -1`)).toContain(`(${clusterIP})`);
      });
      await expectExchange(client, { url: `http://${name}:8080` }, known);
    }
  },
);
