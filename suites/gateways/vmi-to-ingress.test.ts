import { answered, noRouteAtGateway } from "../../lib/expectations.ts";
import { check, mesh } from "../../lib/test.ts";

check(
  {
    title: "A VMI reaches a Service through the ingress gateway by a Host header, and no other host's.",
    profile: "core",
    tags: ["gateway", "vmi", "outbound"],
    source: "vmesh",
    rows: ["C4"],
    needs: ["kubevirt", "istio", "istio-cni", "ingress-gateway"],
  },
  async ({ apply, gateway, pod, vmi, expectExchange, expectEvery, namespace }) => {
    await apply();
    const [client, ingress] = await Promise.all([vmi("client-vmi"), gateway("ingress"), pod("server")]);
    // By the name of its Service, from inside.
    const { service, namespace: where } = mesh.edge.ingress;
    const to = (host: string) => ({ url: `http://${service}.${where}`, headers: { host } });
    const host = `${namespace}.vmesh.test`;
    // To the server the gateway is who calls: it ends the VMI's own connection.
    const asGateway = answered({ identity: ingress.identity, viaEnvoy: true, by: "server" });
    await expectExchange(client, to(host), asGateway);
    await expectEvery(client, { ...to(host), count: 5, intervalMs: 100 }, asGateway);
    await expectExchange(client, to(`other.${host}`), noRouteAtGateway());
    await expectExchange(client, to(host), asGateway);
  },
);
