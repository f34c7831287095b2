import { environmentError, usageError } from "../errors.ts";
import type { ContainerRef, KubeObject } from "../kube.ts";
import { podProxy } from "../proxy.ts";
import { quote } from "../shell.ts";
import { scaled, timeouts } from "../timeouts.ts";
import { eventually } from "../wait.ts";
import { callCommand, exchangesIn, seriesMs } from "./call.ts";
import { guestLoop } from "./guest-loop.ts";
import { type GuestShell, guestShell } from "./guest-shell.ts";
import { type PodPeer, addressOf, describeStatus, hasCondition, identityOf } from "./peer.ts";
import type { PeerContext } from "./pod.ts";

/** A VMI; its guest has `vmesh-echo`. */
export interface VmiPeer extends PodPeer {
  kind: "vmi";
  /** From its creation to its QEMU running, in whole seconds as KubeVirt tells it; `undefined` if it does not. */
  runningMs: number | undefined;
  /** All that the guest printed on its serial console so far. */
  console(): Promise<string>;
  /** Runs a command in the shell on the guest's serial console and returns what it printed. */
  shell(command: string): Promise<string>;
}

/**
 * The VMI of this name once it is Ready. Its requests are sent from the root shell on its serial console, as by
 * `virtctl console`; those of a guest with a loop of requests in its user-data are the loop's next ones, and another
 * URL is a usage error. Throws a `WaitError` with the VMI's state if it does not become Ready.
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
  const pod = async () => launcherOf(name, await kube.list({ apiVersion: "v1", kind: "Pod", namespace }));
  const log = async (): Promise<ContainerRef> => {
    return { namespace, pod: (await pod()).metadata.name, container: "guest-console-log" };
  };
  const script = userDataOf(vmi);
  const loop = script.includes("vmesh-echo call") ? guestLoop(name, { kube, log, timeScale, signal }) : undefined;
  // Ready tells of the launcher; the guest in it may still boot.
  await loop?.started();

  let opened: Promise<GuestShell> | undefined;
  const openShell = async (): Promise<GuestShell> => {
    const shell = guestShell(await kube.console({ namespace, vmi: name, signal }));
    signal.addEventListener("abort", () => shell.close(), { once: true });
    const options = { what: `the guest of VMI \`${name}\` shows a shell`, signal };
    const attempt = { timeoutMs: scaled(timeouts.guestPrompt, timeScale), signal };
    await eventually({ ...options, budgetMs: scaled(timeouts.guestConsole, timeScale) }, () =>
      shell.run("true", attempt),
    );
    return shell;
  };
  const run = async (command: string, timeoutMs: number, inner: AbortSignal): Promise<string> => {
    if (!opened || !(await opened).isOpen()) opened = openShell();
    return (await opened).run(command, { timeoutMs, signal: inner });
  };

  return {
    name,
    namespace,
    kind: "vmi",
    runningMs: runningMs(vmi),
    identity: identityOf(await pod()),
    pod,
    address: async () => addressOf(await pod()),
    proxy: async () => podProxy(await pod(), { kube, timeScale, signal }),
    console: async () => kube.logs(await log()),
    shell: (command) => run(command, scaled(timeouts.exec, timeScale), signal),
    async exchange(request, inner) {
      if (loop && !script.includes(request.url)) {
        const message = `The guest of VMI \`${name}\` does not call \`${request.url}\`.`;
        // Not the whole of its user-data, which may hold secrets.
        const urls = script.match(/\b\w+:\/\/[^\s"']+/g) ?? [];
        throw usageError(message, { evidence: `it calls ${urls.join(", ") || "no URL"}` });
      }
      if (loop) return loop.next(request, inner);
      const command = ["vmesh-echo", ...callCommand(request, timeScale)].map(quote).join(" ");
      const timeoutMs = scaled(timeouts.exec, timeScale) + seriesMs(request, timeScale);
      return exchangesIn(await run(command, timeoutMs, inner), request, `\`${command}\` in VMI ${namespace}/${name}`);
    },
  };
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

function runningMs({ metadata, status }: KubeObject): number | undefined {
  type Phases = { phaseTransitionTimestamps?: { phase: string; phaseTransitionTimestamp: string }[] };
  const { phaseTransitionTimestamps = [] } = (status ?? {}) as Phases;
  const running = phaseTransitionTimestamps.find(({ phase }) => phase === "Running")?.phaseTransitionTimestamp;
  if (running === undefined || metadata.creationTimestamp === undefined) return undefined;
  return Date.parse(running) - Date.parse(metadata.creationTimestamp);
}
