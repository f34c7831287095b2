import { answered } from "../../lib/expectations.ts";
import { expect, type Fixtures, type Peer } from "../../lib/test.ts";

const clusters = { declared: "inbound|8080||", undeclared: "PassthroughCluster" };

/**
 * One cell of the table that KubeVirt's own tests go through, a port declared in a Service or not, and an interface that
 * lists its ports or not: a pod in the mesh and one outside reach the guest by the pod's address, and the VMI's proxy
 * counts their requests at its cluster for the Service (8080 is declared) or at its passthrough (8081 is not).
 */
export async function portReachesGuest(
  port: keyof typeof clusters,
  { unmeshed, apply, pod, vmi, proxy, expectExchange, expectEvery }: Fixtures,
): Promise<{ address: string; clients: Peer[] }> {
  const outside = { namespace: await unmeshed() };
  await apply();
  const [client, outsider, server] = await Promise.all([pod("client"), pod("outsider", outside), vmi("istio-vmi")]);
  const clients = [client, outsider];
  const address = await server.address();
  const request = { url: `http://${address}:${port === "declared" ? 8080 : 8081}`, count: 3, intervalMs: 100 };
  // An address is no Service: the client's proxy passes it on as it is, without mutual TLS even in the mesh.
  const plain = answered({ plaintext: true, viaEnvoy: true });
  for (const from of clients) await expectExchange(from, request, plain);

  // Both of Envoy's passthrough clusters count under one name; the guest itself sends nothing.
  const envoy = await proxy(server);
  const risen = await envoy.requestsDuring(Object.values(clusters), async () => {
    for (const from of clients) await expectEvery(from, request, plain);
  });
  const other = port === "declared" ? "undeclared" : "declared";
  expect(risen[clusters[port]], "the VMI's proxy counts each request at its cluster").toBe(6);
  expect(risen[clusters[other]], "and none at the other one").toBe(0);
  return { address, clients };
}
