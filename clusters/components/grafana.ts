import { z } from "zod";
import { parseAnswer } from "../../lib/telemetry/answer.ts";
import { serviceProxy } from "../../lib/telemetry/service-proxy.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import { addon } from "./addon.ts";

const health = z.object({ database: z.string() });

/** Grafana with Istio's dashboards. Ready when it says so of itself, its database included. */
export const grafana = addon({
  name: "grafana",
  workload: "Deployment",
  capability: "grafana",
  needs: ["prometheus"],
  async probe({ kube }, signal) {
    const what = "Grafana and its database answer";
    await eventually({ what, budgetMs: timeouts.componentReady, signal }, async (inner) => {
      const answer = await kube.raw(`${serviceProxy("grafana", 3000)}/api/health`, { signal: inner });
      const { database } = parseAnswer(health, answer, "Grafana's answer about itself");
      if (database !== "ok") throw new Error(`its database is ${database}`);
    });
  },
});
