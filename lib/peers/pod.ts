import { environmentError } from "../errors.ts";
import type { Kube, KubeObject } from "../kube.ts";
import { podProxy } from "../proxy.ts";
import { scaled, timeouts } from "../timeouts.ts";
import { eventually } from "../wait.ts";
import { callCommand, exchangesIn, seriesMs } from "./call.ts";
import { addressOf, describeStatus, hasCondition, identityOf } from "./peer.ts";
import type { PodPeer } from "./peer.ts";

export interface PeerContext {
  kube: Kube;
  namespace: string;
  timeScale: number;
  signal: AbortSignal;
}

/**
 * The pod of this name, or the one pod labelled `app=<name>`, once it is Ready. Its container `echo` sends requests.
 * Throws a `WaitError` with the pod's state if it does not become Ready.
 */
export async function podPeer(name: string, { kube, namespace, timeScale, signal }: PeerContext): Promise<PodPeer> {
  const what = `pod \`${name}\` in \`${namespace}\` is Ready`;
  const options = { what, budgetMs: scaled(timeouts.podReady, timeScale), signal };
  const pod = await eventually(options, async () => readyPod(name, await pods(kube, namespace)));

  return {
    name,
    namespace,
    kind: "pod",
    identity: identityOf(pod),
    pod: async () => pod,
    address: async () => addressOf(pod),
    proxy: async () => podProxy(pod, { kube, timeScale, signal }),
    async exchange(request, inner) {
      const command = ["/vmesh-echo", ...callCommand(request, timeScale)];
      const { stdout, stderr, exitCode } = await kube.exec({
        namespace,
        pod: pod.metadata.name,
        container: "echo",
        command,
        timeoutMs: scaled(timeouts.exec, timeScale) + seriesMs(request, timeScale),
        signal: inner,
      });
      const subject = `\`${command.join(" ")}\` in pod ${namespace}/${pod.metadata.name}`;
      if (exitCode === 0) return exchangesIn(stdout, request, subject);
      throw environmentError(`${subject} ended with exit code ${exitCode}.`, { evidence: stdout + stderr });
    },
  };
}

/** Picks the pod by name or label `app`, leaving out those being deleted. Throws what is wrong with it. */
export function readyPod(name: string, candidates: readonly KubeObject[]): KubeObject {
  const found = candidates.filter(
    ({ metadata }) => !metadata.deletionTimestamp && (metadata.name === name || metadata.labels?.["app"] === name),
  );
  const [pod] = found;
  if (!pod) throw new Error(`there is no pod of this name or label \`app=${name}\``);
  if (found.length > 1) throw new Error(`there are ${found.length} pods labelled \`app=${name}\`, expected one`);
  if (!hasCondition(pod, "Ready")) throw new Error(`it is ${describeStatus(pod)}`);
  return pod;
}

function pods(kube: Kube, namespace: string): Promise<KubeObject[]> {
  return kube.list({ apiVersion: "v1", kind: "Pod", namespace });
}
