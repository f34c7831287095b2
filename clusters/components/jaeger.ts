import { join } from "node:path";
import { loadManifests } from "../../lib/manifests.ts";
import { spansOf, traceIdOf } from "../../lib/telemetry/traces.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { echoIn } from "../../lib/traffic.ts";
import { eventually } from "../../lib/wait.ts";
import { addon } from "./addon.ts";
import { partOf, type Target } from "./component.ts";
import { withProbeNamespace } from "./probe.ts";
import { tracingProvider, whyNoTracing } from "./tracing-provider.ts";

/**
 * Jaeger, to which proxies send their spans. Ready when a request between two pods of the mesh is a trace in it: that
 * takes the mesh's provider, its Telemetry resource, and both proxies.
 */
export const jaeger = addon({
  name: "jaeger",
  workload: "Deployment",
  capability: "tracing",
  needs: ["istio"],
  own: (target) => ({ "image.jaeger": partOf(target, "jaeger") }),
  async probe(target, signal) {
    const reason = await whyNoTracing(target);
    if (reason !== undefined) return { capabilities: { tracing: reason } };
    return proveTrace(target, signal);
  },
  version: async ({ access }) => access.versions["jaeger"],
});

async function proveTrace(target: Target, signal: AbortSignal): Promise<void> {
  const options = { name: "vmesh-probe-jaeger", labels: { "istio-injection": "enabled" }, signal };
  await withProbeNamespace(target, options, async ({ name: namespace, startPod, call }) => {
    const objects = await loadManifests(join(import.meta.dirname, "jaeger-probe.yaml"), { provider: tracingProvider });
    await target.kube.apply(objects, { namespace, signal });
    await Promise.all([startPod({ name: "server", labels: { app: "server" } }), startPod({ name: "client" })]);
    const asked: string[] = [];
    const what = "a request between two pods of the mesh is a trace in Jaeger";
    await eventually({ what, budgetMs: timeouts.componentReady, signal }, async (inner) => {
      const { outcome, body = "" } = await call("client", `http://server.${namespace}.svc.cluster.local:8080/`);
      const echo = echoIn(body);
      if (!echo) throw new Error(`the request ended as ${outcome}`);
      const trace = traceIdOf(echo);
      if (trace === undefined) throw new Error("the request carried no trace");
      // Proxies send their spans a few seconds later: it is the first request that is looked for.
      asked.push(trace);
      const spans = await spansOf(target.kube, asked[0] ?? trace, inner);
      if (spans.length < 2) throw new Error(`Jaeger has ${spans.length} spans of it`);
    });
  });
}
