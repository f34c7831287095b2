import { environmentError } from "../../../lib/errors.ts";
import { containersInOrder, createdContainers } from "../../../lib/expectations/created-containers.ts";
import type { KubeObject } from "../../../lib/kube.ts";
import { scaled, timeouts } from "../../../lib/timeouts.ts";
import { eventually } from "../../../lib/wait.ts";
import type { Target } from "../component.ts";
import { startPod } from "../probe.ts";

const NETWORKS = "k8s.v1.cni.cncf.io/networks";
const pod = { name: "vmesh-probe", labels: { app: "vmesh-probe" } };

/**
 * A pod in the enrolled namespace comes up with a proxy: that takes the injection webhook, Multus with the definition
 * in that namespace, Istio's CNI plugin and istiod. The kubelet's events tell of its containers in the order of its
 * spec: the application first and then the proxy, as in the guide, or the other way round with a native sidecar.
 * Returns the pod, which is gone by then.
 */
export async function proveInjection(target: Target, namespace: string, signal: AbortSignal): Promise<KubeObject> {
  const { kube, log } = target;
  const ref = { apiVersion: "v1", kind: "Pod", name: pod.name, namespace };
  try {
    const started = await startPod(target, namespace, pod, signal);
    const order = containersInOrder(started);
    if (!order.includes("istio-proxy")) {
      throw environmentError(`A pod of namespace \`${namespace}\` got no proxy, labelled as it is.`, {
        evidence: `its containers: ${order.join(", ")}`,
      });
    }
    log.info(`an injected pod asks Multus for ${networksOf(started) || "nothing"}`);
    await expectEvents(target, started, signal);
    return started;
  } finally {
    await kube.remove(ref, { waitMs: timeouts.objectGone });
  }
}

/** The networks that a pod asks Multus for. */
export function networksOf({ metadata }: KubeObject): string {
  return metadata.annotations?.[NETWORKS] ?? "";
}

async function expectEvents({ kube, access }: Target, started: KubeObject, signal: AbortSignal): Promise<void> {
  const { name, namespace = "", uid = "" } = started.metadata;
  const expected = containersInOrder(started).join(", ");
  const what = `an event tells of each container of pod \`${namespace}/${name}\``;
  const options = { what, budgetMs: scaled(timeouts.event, access.timeScale), signal };
  const created = await eventually(options, async () => {
    const fieldSelector = `involvedObject.uid=${uid}`;
    const events = await kube.list({ apiVersion: "v1", kind: "Event", namespace, fieldSelector, signal });
    const seen = createdContainers(events);
    if (seen.length < containersInOrder(started).length) throw new Error(`they tell of ${seen.join(", ") || "none"}`);
    return seen;
  });
  if (created.join(", ") === expected) return;
  throw environmentError(`The containers of pod \`${namespace}/${name}\` were not created in the order of its spec.`, {
    evidence: `expected: ${expected}\nevents: ${created.join(", ")}`,
  });
}
