import { check } from "../../lib/test.ts";
import { portReachesGuest } from "./port-cell.ts";

check(
  {
    title: "An undeclared port of a VMI without a list of ports reaches the guest through Envoy's passthrough.",
    profile: "core",
    tags: ["inbound", "vmi", "ports"],
    source: "kubevirt-tests",
    rows: ["T4"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async (fixtures) => {
    await portReachesGuest("undeclared", fixtures);
  },
);
