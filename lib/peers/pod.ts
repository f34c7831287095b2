import { environmentError } from "../errors.ts";
import type { Kube, KubeObject } from "../kube.ts";
import { scaled, timeouts } from "../timeouts.ts";
import { parseExchange } from "../traffic.ts";
import { eventually } from "../wait.ts";
import { describeStatus, hasCondition, identityOf } from "./peer.ts";
import type { ExchangeRequest, Peer } from "./peer.ts";

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
export async function podPeer(name: string, { kube, namespace, timeScale, signal }: PeerContext): Promise<Peer> {
  const what = `pod \`${name}\` in \`${namespace}\` is Ready`;
  const options = { what, budgetMs: scaled(timeouts.podReady, timeScale), signal };
  const pod = await eventually(options, async () => readyPod(name, await pods(kube, namespace)));

  return {
    name,
    namespace,
    kind: "pod",
    identity: identityOf(pod),
    async exchange(request, signal) {
      const command = callCommand({ timeoutMs: scaled(timeouts.exchange, timeScale), ...request });
      const { stdout, stderr, exitCode } = await kube.exec({
        namespace,
        pod: pod.metadata.name,
        container: "echo",
        command,
        timeoutMs: scaled(timeouts.exec, timeScale) + seriesMs(request, timeScale),
        signal,
      });
      const lines = stdout.split("\n").filter((line) => line.trim() !== "");
      const count = request.count ?? 1;
      if (exitCode === 0 && lines.length === count) return lines.map(parseExchange);
      throw environmentError(
        `\`${command.join(" ")}\` in pod ${namespace}/${pod.metadata.name} ended with exit code ${exitCode} and ` +
          `${lines.length} lines, expected 0 and ${count}.`,
        { evidence: stdout + stderr },
      );
    },
  };
}

/** The command line for a request: the program `vmesh-echo` with all that the request says. */
export function callCommand(request: ExchangeRequest): string[] {
  const { url, count = 1, intervalMs = 1_000, timeoutMs = timeouts.exchange, http2 } = request;
  const series = count > 1 ? ["--count", `${count}`, "--interval", `${intervalMs}ms`] : [];
  return ["/vmesh-echo", "call", "--timeout", `${timeoutMs}ms`, ...series, ...(http2 ? ["--http2"] : []), url];
}

/** The longest that a series of requests can take, in milliseconds. */
export function seriesMs(request: ExchangeRequest, timeScale: number): number {
  const { count = 1, intervalMs = 1_000, timeoutMs = scaled(timeouts.exchange, timeScale) } = request;
  return count * (intervalMs + timeoutMs);
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
