import { environmentError } from "../errors.ts";
import type { Kube, KubeObject } from "../kube.ts";
import { podProxy } from "../proxy.ts";
import { scaled, timeouts } from "../timeouts.ts";
import { eventually, pause } from "../wait.ts";
import type { Exchange } from "../traffic.ts";
import { callCommand, exchangesIn, seriesMs } from "./call.ts";
import { curlCommand, exchangeOfCurl } from "./curl.ts";
import { addressOf, describeStatus, hasCondition, identityOf } from "./peer.ts";
import type { ExchangeRequest, PodPeer } from "./peer.ts";

export interface PeerContext {
  kube: Kube;
  namespace: string;
  timeScale: number;
  signal: AbortSignal;
}

/**
 * The pod of this name, the one pod labelled `app=<name>`, or the one whose labels `app` and `version` make the name as
 * in `reviews-v2`, once it is Ready. Its container `echo` sends requests, or in a pod without one its first container's
 * curl. Throws a `WaitError` with the pod's state if it does not become Ready.
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
      const container = senderOf(pod);
      if (container !== "echo") return exchangesByCurl(pod, container, request, { kube, timeScale, signal: inner });
      const command = ["/vmesh-echo", ...callCommand(request, timeScale)];
      const { stdout, stderr, exitCode } = await kube.exec({
        namespace,
        pod: pod.metadata.name,
        container,
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

function senderOf(pod: KubeObject): string {
  const { containers } = pod["spec"] as { containers: { name: string }[] };
  const names = containers.map(({ name }) => name).filter((name) => name !== "istio-proxy");
  return names.includes("echo") ? "echo" : (names[0] ?? "echo");
}

/** The exchanges of a container that is none of ours, one after another, by its own curl. */
async function exchangesByCurl(
  pod: KubeObject,
  container: string,
  request: ExchangeRequest,
  { kube, timeScale, signal }: Pick<PeerContext, "kube" | "timeScale" | "signal">,
): Promise<Exchange[]> {
  const { name, namespace = "" } = pod.metadata;
  const { count = 1, intervalMs = 1_000 } = request;
  const command = curlCommand(request, timeScale);
  const timeoutMs = scaled(timeouts.exec, timeScale) + seriesMs({ ...request, count: 1 }, timeScale);
  const exchanges: Exchange[] = [];
  while (exchanges.length < count) {
    if (exchanges.length > 0) await pause(intervalMs, signal);
    const started = performance.now();
    const result = await kube.exec({ namespace, pod: name, container, command, timeoutMs, signal });
    exchanges.push(exchangeOfCurl(result, performance.now() - started));
  }
  return exchanges;
}

/** Picks the pod by name, label `app` or both labels, leaving out those being deleted. Throws what is wrong with it. */
export function readyPod(name: string, candidates: readonly KubeObject[]): KubeObject {
  const found = candidates.filter(
    ({ metadata: { name: own, labels = {}, deletionTimestamp } }) =>
      !deletionTimestamp && [own, labels["app"], `${labels["app"]}-${labels["version"]}`].includes(name),
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
