import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describeError } from "./errors.ts";
import type { Kube, KubeObject } from "./kube.ts";
import type { Machine } from "./machine.ts";
import { timeouts } from "./timeouts.ts";
import { deadline, untilAborted } from "./wait.ts";

const maximumBytes = 1_000_000;
const bytesPerLog = 50_000;

type Write = (name: string, text: string) => Promise<void>;

/** What a failed check worked with. */
export interface DiagnosticsScene {
  kube: Kube;
  namespaces: readonly string[];
  /** The machine outside the cluster, where the check has one. */
  machine?: Machine | undefined;
}

/**
 * Writes what a failed check worked with into `folder`: of its namespaces events, pods and the end of every container's
 * log; of its machine the agent's log, the journal, packet filters and listeners. At most 1 MB in at most `timeouts.diagnostics`; no Secrets, no object bodies, as those may hold user-data.
 * Never throws: what could not be collected is told in `problems.txt`. Returns the paths written.
 */
export async function collectDiagnostics(scene: DiagnosticsScene, folder: string): Promise<string[]> {
  const { kube, namespaces, machine } = scene;
  const written: string[] = [];
  const problems: string[] = [];
  let left = maximumBytes;

  const write: Write = async (name, text) => {
    const kept = lastBytes(text, Math.min(left, bytesPerLog));
    left -= Buffer.byteLength(kept);
    if (kept.length < text.length) problems.push(`${name}: only the last ${Buffer.byteLength(kept)} bytes are kept`);
    if (kept === "") return;
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, kept);
    written.push(path);
  };
  const attempt = async (name: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      problems.push(`${name}: ${describeError(error)}`);
    }
  };

  const collectors = namespaces.map((namespace) => collectNamespace(kube, namespace, write, attempt));
  if (machine) collectors.push(collectMachine(machine, write, attempt));
  await attempt("collection", () =>
    untilAborted(deadline(timeouts.diagnostics), async () => void (await Promise.all(collectors))),
  );
  if (problems.length > 0) {
    left = Math.max(left, bytesPerLog);
    await attempt("problems.txt", () => write("problems.txt", `${problems.join("\n")}\n`));
  }
  return [...written];
}

async function collectNamespace(
  kube: Kube,
  namespace: string,
  write: Write,
  attempt: (name: string, work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const list = (kind: string) => kube.list({ apiVersion: "v1", kind, namespace });
  await attempt(`events of ${namespace}`, async () => {
    const lines = (await list("Event")).map(describeEvent).toSorted();
    await write(`${namespace}/events.txt`, lines.map((line) => `${line}\n`).join(""));
  });
  await attempt(`pods of ${namespace}`, async () => {
    const pods = await list("Pod");
    await write(`${namespace}/pods.txt`, pods.map((pod) => `${describePod(pod)}\n`).join(""));
    for (const { pod, container } of pods.flatMap(containersOf)) {
      await attempt(`log of ${namespace}/${pod}, container ${container}`, async () => {
        await write(
          `${namespace}/${pod}/${container}.log`,
          await kube.logs({ namespace, pod, container, tailLines: 300 }),
        );
      });
    }
  });
}

/** What a machine is asked when a check on it has failed: file name to script. */
const machineScripts = {
  "agent.log": "tail -n 300 /var/log/istio/istio.log /var/log/istio/istio.err.log",
  "journal.log": "journalctl --boot --lines 300 --no-pager",
  "packet-filters.txt": "iptables-save; iptables-legacy-save",
  "sockets.txt": "ss --tcp --udp --all --numeric --processes",
};

async function collectMachine(
  machine: Machine,
  write: Write,
  attempt: (name: string, work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const signal = deadline(timeouts.diagnostics);
  await Promise.all(
    Object.entries(machineScripts).map(([name, script]) =>
      attempt(`${name} of machine ${machine.name}`, async () => {
        const { stdout } = await machine.sh(script, { signal, allowFailure: true });
        await write(`${machine.name}/${name}`, stdout);
      }),
    ),
  );
}

/** One line for an event, beginning with its time. */
export function describeEvent(event: KubeObject): string {
  const { type, reason, message, lastTimestamp, eventTime, involvedObject, count } = event as unknown as {
    type?: string;
    reason?: string;
    message?: string;
    lastTimestamp?: string | null;
    eventTime?: string | null;
    involvedObject?: { kind?: string; name?: string };
    count?: number;
  };
  const time = lastTimestamp ?? eventTime ?? event.metadata.creationTimestamp ?? "-";
  const about = `${involvedObject?.kind ?? "?"}/${involvedObject?.name ?? "?"}`;
  return `${time} ${type ?? "-"} ${reason ?? "-"} ${about} x${count ?? 1}: ${message?.trim() ?? ""}`;
}

/** One line for a pod: phase, node, and each container's state. */
export function describePod(pod: KubeObject): string {
  const { nodeName = "no node" } = pod["spec"] as { nodeName?: string };
  type ContainerStatus = {
    name: string;
    ready: boolean;
    restartCount: number;
    state?: Record<string, { reason?: string }>;
  };
  const status = (pod["status"] ?? {}) as {
    phase?: string;
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].map((container) => {
    const [[state, detail] = ["unknown", undefined]] = Object.entries(container.state ?? {});
    const why = detail?.reason ? ` ${detail.reason}` : "";
    return `${container.name}=${state}${why}${container.ready ? " ready" : ""} (${container.restartCount} restarts)`;
  });
  const doomed = pod.metadata.deletionTimestamp ? " deleting" : "";
  return `${pod.metadata.name} ${status.phase ?? "-"}${doomed} on ${nodeName}: ${containers.join(", ")}`;
}

function containersOf(pod: KubeObject): { pod: string; container: string }[] {
  type Named = { name: string };
  const { containers, initContainers = [] } = pod["spec"] as { containers: Named[]; initContainers?: Named[] };
  return [...initContainers, ...containers].map(({ name }) => ({ pod: pod.metadata.name, container: name }));
}

function lastBytes(text: string, count: number): string {
  const bytes = Buffer.from(text);
  return count <= 0 ? "" : bytes.length <= count ? text : bytes.subarray(-count).toString("utf8");
}
