import { callGraph, kialiVersion } from "../../lib/telemetry/kiali.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import { addon } from "./addon.ts";

/** Kiali, which draws who calls whom. Ready when it has drawn a namespace, for which it asks Prometheus and istiod. */
export const kiali = addon({
  name: "kiali",
  workload: "Deployment",
  capability: "kiali",
  needs: ["prometheus"],
  async probe({ kube }, signal) {
    const what = "Kiali draws the graph of `istio-system`";
    await eventually({ what, budgetMs: timeouts.componentReady, signal }, (inner) =>
      callGraph(kube, "istio-system", inner),
    );
  },
  version: ({ kube }) => kialiVersion(kube),
});
