import { check } from "../../lib/test.ts";
import { portReachesGuest } from "./port-cell.ts";

check(
  {
    title: "A declared port of a VMI without a list of ports reaches the guest through Envoy's cluster of its Service.",
    profile: "core",
    tags: ["inbound", "vmi", "ports"],
    source: "kubevirt-tests",
    rows: ["T3"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async (fixtures) => {
    await portReachesGuest("declared", fixtures);
  },
);
