import { notForwarded } from "../../lib/expectations.ts";
import { check } from "../../lib/test.ts";
import { portReachesGuest } from "./port-cell.ts";

check(
  {
    title: "An undeclared port that the VMI lists reaches the guest through Envoy's passthrough.",
    profile: "core",
    tags: ["inbound", "vmi", "ports"],
    source: "kubevirt-tests",
    rows: ["T2"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async (fixtures) => {
    const { address, clients } = await portReachesGuest("undeclared", fixtures);
    // The list decides: the guest serves 9090 as well, but the VMI does not list it.
    for (const from of clients) {
      await fixtures.expectExchange(from, { url: `http://${address}:9090` }, notForwarded());
    }
  },
);
