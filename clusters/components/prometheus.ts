import { istiodOf } from "../../lib/mesh.ts";
import { prometheusVersion, promql } from "../../lib/telemetry/prometheus.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import { addon } from "./addon.ts";
import { partOf } from "./component.ts";

/** Prometheus, which scrapes every proxy. Ready when it answers a query about what it has scraped of istiod. */
export const prometheus = addon({
  name: "prometheus",
  workload: "Deployment",
  capability: "prometheus",
  needs: ["istio"],
  own: (target) => ({ "image.prometheus": partOf(target, "prometheus"), istiod: istiodOf(target.access) }),
  async probe({ kube }, signal) {
    const what = "Prometheus has scraped istiod and answers a query about it";
    await eventually({ what, budgetMs: timeouts.componentReady, signal }, async (inner) => {
      const found = await promql(kube, "pilot_info", inner);
      if (found.length === 0) throw new Error("`pilot_info` has no series");
    });
  },
  version: ({ kube }) => prometheusVersion(kube),
});
