import { clusterLabel } from "../../lib/check-namespaces.ts";
import { collectCluster } from "../../lib/diagnostics.ts";
import { describeError } from "../../lib/errors.ts";
import type { Kube, KubeObject } from "../../lib/kube.ts";
import { cniAttachment } from "../../lib/mesh.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import type { Target } from "./component.ts";

/** A pod that a component's readiness probe works with. */
export interface ProbePod {
  name: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** A namespace for the length of one probe, with pods of the workload image in it. */
export interface ProbeNamespace {
  name: string;
  /** Starts a pod and returns it once it is Ready. */
  startPod(pod: ProbePod): Promise<KubeObject>;
  /** How one request from a pod of the namespace ended, as `vmesh-echo call` prints it. */
  call(pod: string, url: string): Promise<{ outcome: string; status?: number; error?: string; body?: string }>;
}

/** Runs a probe in a namespace of its own and removes that namespace afterwards. The probe's own error wins. */
export async function withProbeNamespace<T>(
  target: Target,
  options: { name: string; labels?: Record<string, string>; signal: AbortSignal },
  probe: (namespace: ProbeNamespace) => Promise<T>,
): Promise<T> {
  const { kube, log, clusterId } = target;
  const { name, signal } = options;
  const asked = options.labels ?? {};
  const labels = { ...asked, ...(clusterId !== undefined && { [clusterLabel]: clusterId }) };
  const namespace: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
  const injected = asked["istio-injection"] === "enabled" || asked["istio.io/rev"] !== undefined;
  const attached = injected && target.access.mesh?.attachmentPerNamespace;
  await noneOnItsWayOut(kube, name, signal);
  await kube.apply(attached ? [namespace, cniAttachment(name)] : [namespace], { signal });
  // Not awaited to its end: nothing after it depends on the namespace being gone.
  const remove = () => kube.remove({ apiVersion: "v1", kind: "Namespace", name });
  let result: T;
  try {
    result = await probe({
      name,
      startPod: (pod) => startPod(target, name, pod, signal),
      call: async (pod, url) => {
        const command = ["/vmesh-echo", "call", "--timeout", "2s", url];
        const { stdout } = await kube.exec({
          namespace: name,
          pod,
          container: "echo",
          command,
          timeoutMs: timeouts.exec,
          signal,
        });
        return JSON.parse(stdout);
      },
    });
  } catch (error) {
    if (!signal.aborted) {
      const scene = { kube, access: target.access, namespaces: [name] };
      await target.keepEvidence?.(name, (bundle) => collectCluster(bundle, scene));
    }
    await remove().catch((late: unknown) => log.warn(`namespace \`${name}\` is left behind: ${describeError(late)}`));
    throw error;
  }
  await remove();
  return result;
}

/** One of an earlier run's probe may still be going, and would take along whatever is put into it. */
async function noneOnItsWayOut(kube: Kube, name: string, signal: AbortSignal): Promise<void> {
  const what = `no earlier namespace \`${name}\` is on its way out`;
  await eventually({ what, budgetMs: timeouts.objectGone, intervalMs: 500, signal }, async () => {
    const there = await kube.get({ apiVersion: "v1", kind: "Namespace", name });
    if (there?.metadata.deletionTimestamp) throw new Error(`it goes since ${there.metadata.deletionTimestamp}`);
  });
}

/** Starts a pod of the workload image in a namespace that is there, and returns it once it is Ready. */
export async function startPod(
  target: Target,
  namespace: string,
  pod: ProbePod,
  signal: AbortSignal,
): Promise<KubeObject> {
  const object: KubeObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: pod.name, namespace, labels: pod.labels ?? {}, annotations: pod.annotations ?? {} },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: "echo",
          image: target.access.images.workload,
          args: ["serve", "--name", pod.name, "--http", "8080"],
          readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
        },
      ],
    },
  };
  const what = `pod \`${pod.name}\` of namespace \`${namespace}\` is Ready`;
  return eventually({ what, budgetMs: timeouts.componentReady, intervalMs: 500, signal }, async () => {
    const found = await target.kube.get({ apiVersion: "v1", kind: "Pod", name: pod.name, namespace });
    // Not before the wait: the first attempts may meet an admission webhook that does not answer yet.
    if (!found) await target.kube.apply([object], { signal });
    return expectReady(found);
  });
}

function expectReady(pod: KubeObject | undefined): KubeObject {
  const status = pod?.status as
    | { phase?: string; conditions?: { type: string; status: string; message?: string }[] }
    | undefined;
  const ready = status?.conditions?.find((condition) => condition.type === "Ready");
  if (pod && ready?.status === "True") return pod;
  throw new Error(`it is ${status?.phase ?? "absent"}${ready?.message ? `: ${ready.message}` : ""}`);
}

/** Waits until every replica of a workload is there in its newest form. */
export async function rolledOut(
  kube: Kube,
  workload: { kind: "Deployment" | "DaemonSet" | "StatefulSet"; namespace: string; name: string },
  signal: AbortSignal,
): Promise<void> {
  const what = `${workload.kind} \`${workload.namespace}/${workload.name}\` is rolled out`;
  await eventually({ what, budgetMs: timeouts.componentReady, intervalMs: 500, signal }, async () => {
    const object = await kube.get({ apiVersion: "apps/v1", ...workload });
    const status = (object?.status ?? {}) as Record<string, number | undefined>;
    const spec = (object?.spec ?? {}) as { replicas?: number };
    const wanted = workload.kind === "DaemonSet" ? status.desiredNumberScheduled : spec.replicas;
    const available = availableOf(workload.kind, status);
    if (!object || !wanted || available < wanted) throw new Error(`${available} of ${wanted ?? "?"} available`);
  });
}

function availableOf(kind: string, status: Record<string, number | undefined>): number {
  if (kind === "DaemonSet") return status["numberAvailable"] ?? 0;
  // Kubernetes before 1.22 does not count available replicas of a StatefulSet.
  return (kind === "StatefulSet" ? status["readyReplicas"] : status["availableReplicas"]) ?? 0;
}
