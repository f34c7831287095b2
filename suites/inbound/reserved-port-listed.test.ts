import { answered } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

// The user guide forbids to list these ports and says no more. KubeVirt admits such a VMI without a warning, and then
// forwards the pod's own calls to 127.0.0.1 on the port into the guest: here those to Envoy's admin interface.
check(
  {
    title:
      "A VMI that lists Envoy's admin port is admitted and serves the mesh, but its proxy cannot be asked any more.",
    profile: "extended",
    tags: ["inbound", "vmi", "ports"],
    source: "kubevirt-user-guide",
    rows: ["V9"],
    needs: ["kubevirt", "istio", "istio-cni", "native-sidecars"],
  },
  async ({ apply, pod, vmi, proxy, expectExchange, namespace }) => {
    await apply();
    const [client, listing] = await Promise.all([pod("client"), vmi("listing-vmi")]);
    if (!client.identity || !listing.identity) return expect.unreachable("a peer has no proxy");

    const url = `http://listing-vmi.${namespace}:8080`;
    await expectExchange(client, { url }, answered({ identity: client.identity, viaEnvoy: true, by: "listing-vmi" }));
    expect(await (await proxy(client)).admin("/ready"), "Envoy itself answers in a pod").toMatch(/^LIVE\n/);
    expect(await (await proxy(listing)).admin("/ready"), "the guest answers in Envoy's place").toContain(
      "Hello from listing-vmi",
    );
  },
);
