import { mesh } from "../../lib/mesh.ts";
import { addressOf, hasCondition } from "../../lib/peers/peer.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import type { Component, Target } from "./component.ts";
import { edgeGateway } from "./edge-gateway.ts";
import { rolledOut, withProbeNamespace } from "./probe.ts";

const { namespace, service } = mesh.edge.egress;

/** The egress gateway. Ready when a pod in the mesh gets an answer of its proxy. */
export const egressGateway: Component = {
  ...edgeGateway("egress"),
  name: "egress-gateway",
  needs: ["istio", "coredns"],
  provides: ["egress-gateway"],
  async prove(target, signal) {
    await rolledOut(target.kube, { kind: "Deployment", namespace, name: service }, signal);
    await proveAnswer(target, signal);
  },
};

/** On the status port of its pod, as it listens on no other before a Gateway asks for one, and its Service may not have it. */
async function proveAnswer(target: Target, signal: AbortSignal): Promise<void> {
  const labelSelector = `app=${service}`;
  const pods = await target.kube.list({ apiVersion: "v1", kind: "Pod", namespace, labelSelector });
  const ready = pods.find((pod) => !pod.metadata.deletionTimestamp && hasCondition(pod, "Ready"));
  const options = { name: "vmesh-probe-egress-gateway", labels: { "istio-injection": "enabled" }, signal };
  await withProbeNamespace(target, options, async ({ startPod, call }) => {
    await startPod({ name: "client" });
    if (!ready) throw new Error(`no pod labelled \`${labelSelector}\` is Ready`);
    const url = `http://${addressOf(ready)}:15021/healthz/ready`;
    await eventually({ what: `${url} answers a pod`, budgetMs: timeouts.componentReady, signal }, async () => {
      const { outcome, status } = await call("client", url);
      if (status !== 200) throw new Error(`the request ended as ${outcome}${status ? ` with ${status}` : ""}`);
    });
  });
}
