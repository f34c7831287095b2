import type { Environment } from "../environment.ts";
import { environmentError } from "../errors.ts";
import type { Kube, KubeObject } from "../kube.ts";
import { type Machine, machineAt, reboot } from "../machine.ts";
import { mesh, meshOf } from "../mesh.ts";
import {
  atGatewayPort,
  awaitAgent,
  rejoinMesh,
  startAgent,
  startApplication,
  type WorkloadFiles,
  workloadFiles,
} from "../onboarding.ts";
import { machineProxy } from "../proxy.ts";
import { quote } from "../shell.ts";
import { scaled, timeouts } from "../timeouts.ts";
import { spiffeId } from "../traffic.ts";
import { callCommand, exchangesIn, seriesMs } from "./call.ts";
import type { Peer } from "./peer.ts";
import { openSession, type SshSession } from "./ssh-session.ts";

/** The VM outside the cluster that has joined the mesh; requests are sent by commands over SSH. */
export interface ExternalVmPeer extends Peer {
  kind: "vm";
  machine: Machine;
  /** Name of the WorkloadEntry by which istiod registers it. */
  entryName: string;
  /** That WorkloadEntry; `undefined` while it is not registered. */
  entry(): Promise<KubeObject | undefined>;
  /** The files with which it joins the mesh: fresh, with the gateway's ports. */
  files(): Promise<WorkloadFiles>;
  /**
   * Brings the VM back into the mesh with these files, whatever became of it: its agent, proxy and application run. The
   * signal is that of the wait for it, as the check's own may be over.
   */
  rejoin(files: WorkloadFiles, signal: AbortSignal): Promise<void>;
  /** Starts its agent unless it runs, and waits until its proxy is ready. */
  startAgent(): Promise<void>;
  /** Waits until the proxy of its agent, which somebody else starts, is ready. */
  agentReady(): Promise<void>;
  /** Boots it anew and waits until it answers on SSH. */
  reboot(): Promise<void>;
  /** Starts its application unless it runs; with the signal of a wait after the check's own is over. */
  startApplication(signal?: AbortSignal): Promise<void>;
  /** What its WorkloadEntry says of its health: `True`, `False: MESSAGE`, or `unknown`. */
  health(): Promise<string>;
  /** Opens a connection over SSH that stays. */
  openSession(): Promise<SshSession>;
  /** Runs a shell script as root and returns what it printed. Throws if it fails. */
  sh(script: string): Promise<string>;
}

/** Where the VM is looked for. */
interface VmContext {
  environment: Environment;
  kube: Kube;
  signal: AbortSignal;
}

/** The external VM, once its proxy is ready. Throws an environment error where there is none. */
export async function externalVmPeer({ environment, kube, signal }: VmContext): Promise<ExternalVmPeer> {
  const { timeScale, tools, kubeconfig } = environment;
  const access = environment.machines.vm;
  if (!access) throw environmentError("This cluster has no machine outside of it.");
  const machine = machineAt(access);
  const { namespace, serviceAccount, workload } = mesh.vm;
  const entryName = `${workload}-${machine.address}-${mesh.networks.vm}`;
  const facts = meshOf(environment);
  // The check before this one has left it so: a VM that died must not cost each check the time of a start.
  await awaitAgent(machine, signal, scaled(timeouts.configPropagation, timeScale));
  const entry = () =>
    kube.get({ apiVersion: "networking.istio.io/v1", kind: "WorkloadEntry", namespace, name: entryName });
  return {
    name: machine.name,
    namespace,
    kind: "vm",
    identity: spiffeId(namespace, serviceAccount),
    machine,
    entryName,
    entry,
    async health() {
      type Status = { conditions?: { type: string; status: string; message?: string }[] };
      const { conditions = [] } = ((await entry())?.["status"] ?? {}) as Status;
      const { status = "unknown", message } = conditions.find(({ type }) => type === "Healthy") ?? {};
      return message ? `${status}: ${message}` : status;
    },
    openSession: () => openSession(machine, signal),
    address: async () => machine.address,
    proxy: async () => machineProxy(machine, { namespace, signal }),
    async files() {
      const group = { name: workload, namespace };
      const options = { istioctl: tools.istioctl, kubeconfig, group, address: machine.address, facts, signal };
      return atGatewayPort(await workloadFiles(options), facts.revision);
    },
    async rejoin(files, inner) {
      await rejoinMesh(machine, files, inner);
      await startApplication(machine, inner);
    },
    startAgent: () => startAgent(machine, signal),
    agentReady: () => awaitAgent(machine, signal),
    reboot: () => reboot(machine, signal),
    startApplication: (inner = signal) => startApplication(machine, inner),
    sh: async (script) => (await machine.sh(script, { signal })).stdout,
    async exchange(request, inner) {
      const command = ["vmesh-echo", ...callCommand(request, timeScale)].map(quote).join(" ");
      const timeoutMs = scaled(timeouts.machineCommand, timeScale) + seriesMs(request, timeScale);
      const { stdout } = await machine.sh(command, { timeoutMs, signal: inner });
      return exchangesIn(stdout, request, `\`${command}\` on machine ${machine.name}`);
    },
  };
}
