import { join } from "node:path";
import { loadManifests } from "../../lib/manifests.ts";
import { mesh, revisionOf } from "../../lib/mesh.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import type { Component, Target } from "./component.ts";
import { rolledOut, withProbeNamespace } from "./probe.ts";

const { namespace, service } = mesh.edge.egress;

/** The egress gateway, as profile demo names it. Ready when a pod in the mesh gets an answer of its proxy. */
export const egressGateway: Component = {
  name: "egress-gateway",
  needs: ["istio", "coredns"],
  provides: ["egress-gateway"],
  namespaces: [namespace],
  async install(target, signal) {
    const objects = await loadManifests(join(import.meta.dirname, "egress-gateway.yaml"), {
      revision: revisionOf(target.access),
    });
    await target.kube.apply(objects, { signal });
    await rolledOut(target.kube, { kind: "Deployment", namespace, name: service }, signal);
    await proveAnswer(target, signal);
  },
  version: async ({ access }) => access.versions["istio"] ?? "unknown",
};

/** On the status port of its pod, as it listens on no other before a Gateway asks for one. */
async function proveAnswer(target: Target, signal: AbortSignal): Promise<void> {
  const options = { name: "vmesh-probe-egress-gateway", labels: { "istio-injection": "enabled" }, signal };
  await withProbeNamespace(target, options, async ({ startPod, call }) => {
    await startPod({ name: "client" });
    const url = `http://${service}.${namespace}.svc.cluster.local:15021/healthz/ready`;
    await eventually({ what: `${url} answers a pod`, budgetMs: timeouts.componentReady, signal }, async () => {
      const { outcome, status } = await call("client", url);
      if (status !== 200) throw new Error(`the request ended as ${outcome}${status ? ` with ${status}` : ""}`);
    });
  });
}
