import { notForwarded } from "../../lib/expectations.ts";
import { check } from "../../lib/test.ts";
import { portReachesGuest } from "./port-cell.ts";

check(
  {
    title: "A declared port that the VMI lists reaches the guest through Envoy's cluster of its Service.",
    profile: "core",
    tags: ["inbound", "vmi", "ports"],
    source: "kubevirt-tests",
    rows: ["T1"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async (fixtures) => {
    const { address, clients } = await portReachesGuest("declared", fixtures);
    // The list decides: the guest serves 9090 as well, but the VMI does not list it.
    for (const from of clients) {
      await fixtures.expectExchange(from, { url: `http://${address}:9090` }, notForwarded());
    }
  },
);
