import { environmentError, usageError } from "../errors.ts";
import type { ContainerRef, KubeObject } from "../kube.ts";
import { scaled, timeouts } from "../timeouts.ts";
import { parseExchange } from "../traffic.ts";
import type { Exchange } from "../traffic.ts";
import { eventually } from "../wait.ts";
import { describeStatus, hasCondition, identityOf } from "./peer.ts";
import type { Peer } from "./peer.ts";
import { seriesMs } from "./pod.ts";
import type { PeerContext } from "./pod.ts";

/** A VMI whose guest prints a line of `vmesh-echo call` for each request of an endless loop. */
export interface VmiPeer extends Peer {
  kind: "vmi";
  /** All that the guest printed on its serial console so far. */
  console(): Promise<string>;
}

/**
 * The VMI of this name once it is Ready and, where its guest has a loop of requests, sends them. Its requests are those of the loop in its user-data: `exchange` returns the
 * next `count` of them, and throws a usage error for a URL that the loop does not call.
 * Throws a `WaitError` with the VMI's state if it does not become Ready.
 */
export async function vmiPeer(name: string, { kube, namespace, timeScale, signal }: PeerContext): Promise<VmiPeer> {
  const ref = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstance", name, namespace };
  const what = `VMI \`${name}\` in \`${namespace}\` is Ready`;
  const vmi = await eventually({ what, budgetMs: scaled(timeouts.vmiReady, timeScale), signal }, async () => {
    const found = await kube.get(ref);
    if (!found) throw new Error("there is none of this name");
    if (!hasCondition(found, "Ready")) throw new Error(`it is ${describeStatus(found)}`);
    return found;
  });
  const launcher = async () => launcherOf(name, await kube.list({ apiVersion: "v1", kind: "Pod", namespace }));
  const guestConsole = async (): Promise<ContainerRef> => {
    return { namespace, pod: (await launcher()).metadata.name, container: "guest-console-log" };
  };

  const loop = userDataOf(vmi);
  if (loop.includes("vmesh-echo call")) {
    // Ready tells of the launcher; the guest in it may still boot.
    const what = `the guest of VMI \`${name}\` sends requests`;
    await eventually({ what, budgetMs: scaled(timeouts.guestConsole, timeScale), signal }, async () => {
      const text = await kube.logs(await guestConsole());
      if (answersSince(text, undefined).length > 0) return;
      throw new Error(`its console ends with ${JSON.stringify(text.slice(-200))}`);
    });
  }

  return {
    name,
    namespace,
    kind: "vmi",
    identity: identityOf(await launcher()),
    console: async () => kube.logs(await guestConsole()),
    async exchange(request, signal) {
      const { url, count = 1 } = request;
      if (!loop.includes(url))
        throw usageError(`The guest of VMI \`${name}\` does not call \`${url}\`.`, { evidence: loop });
      const log = await guestConsole();
      const mark = lastTimestamp(await kube.logs({ ...log, tailLines: 1, timestamps: true }));
      const budgetMs = scaled(timeouts.guestConsole, timeScale) + seriesMs({ ...request, count: count + 1 }, timeScale);
      const options = { what: `the guest of VMI \`${name}\` printed ${count} more answers`, budgetMs, signal };
      const exchanges = await eventually(options, async () => {
        const text = await kube.logs({ ...log, timestamps: true, ...(mark && { sinceTime: mark }) });
        // The first answer after the mark may belong to a request that was sent before it.
        const answers = answersSince(text, mark).slice(mark === undefined ? 0 : 1);
        if (answers.length >= count) return answers;
        throw new Error(`it printed ${answers.length}; its console ends with ${JSON.stringify(text.slice(-200))}`);
      });
      return exchanges.slice(0, count);
    },
  };
}

/**
 * The exchanges a guest printed, in a log with timestamps, after the line of time `mark` (all if `undefined`).
 * Lines without an exchange are the guest's other output; a last line without its end is still being printed.
 */
export function answersSince(log: string, mark: string | undefined): Exchange[] {
  const complete = log.slice(0, log.lastIndexOf("\n") + 1).split("\n");
  return complete.flatMap((line) => {
    const { time, text } = splitTimestamp(line);
    const start = text.indexOf('{"outcome"');
    return start >= 0 && (mark === undefined || time > mark) ? [parseExchange(text.slice(start).trim())] : [];
  });
}

/** Time of a log's last line, as the node's clock had it. */
export function lastTimestamp(log: string): string | undefined {
  const last = log.trimEnd().split("\n").at(-1) ?? "";
  return splitTimestamp(last).time || undefined;
}

/** The pod in which a VMI runs: the running one, as a migration leaves its source behind for a while. */
export function launcherOf(name: string, pods: readonly KubeObject[]): KubeObject {
  const labels = ["vm.kubevirt.io/name", "kubevirt.io/domain"];
  const launchers = pods.filter(({ metadata }) => labels.some((label) => metadata.labels?.[label] === name));
  const running = launchers.filter((pod) => !pod.metadata.deletionTimestamp && hasCondition(pod, "Ready"));
  const [launcher] = running;
  if (launcher && running.length === 1) return launcher;
  const states = launchers.map((pod) => `${pod.metadata.name}: ${describeStatus(pod)}`).join(", ") || "none";
  throw environmentError(`VMI \`${name}\` has ${running.length} running launcher pods, expected one. Pods: ${states}.`);
}

function userDataOf(vmi: KubeObject): string {
  type NoCloud = { userData?: string; userDataBase64?: string };
  const { volumes = [] } = vmi["spec"] as { volumes?: { cloudInitNoCloud?: NoCloud }[] };
  const source = volumes.find((volume) => volume.cloudInitNoCloud)?.cloudInitNoCloud;
  return source?.userData ?? Buffer.from(source?.userDataBase64 ?? "", "base64").toString("utf8");
}

function splitTimestamp(line: string): { time: string; text: string } {
  const space = line.indexOf(" ");
  const time = line.slice(0, space);
  return /^\d{4}-\d\d-\d\dT/.test(time) ? { time, text: line.slice(space + 1) } : { time: "", text: line };
}
