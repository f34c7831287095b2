import type { Environment } from "../environment.ts";
import { environmentError } from "../errors.ts";
import { type Machine, machineAt } from "../machine.ts";
import { mesh } from "../mesh.ts";
import { awaitAgent } from "../onboarding.ts";
import { quote } from "../shell.ts";
import { scaled, timeouts } from "../timeouts.ts";
import { spiffeId } from "../traffic.ts";
import { callCommand, exchangesIn, seriesMs } from "./call.ts";
import type { Peer } from "./peer.ts";

/** The VM outside the cluster that has joined the mesh; requests are sent by commands over SSH. */
export interface ExternalVmPeer extends Peer {
  kind: "vm";
  machine: Machine;
  /** Runs a shell script as root and returns what it printed. Throws if it fails. */
  sh(script: string): Promise<string>;
}

/** The external VM, once its proxy is ready. Throws an environment error where there is none. */
export async function externalVmPeer(environment: Environment, signal: AbortSignal): Promise<ExternalVmPeer> {
  const { timeScale } = environment;
  const access = environment.machines.vm;
  if (!access) throw environmentError("This cluster has no machine outside of it.");
  const machine = machineAt(access);
  const { namespace, serviceAccount } = mesh.vm;
  await awaitAgent(machine, signal);
  return {
    name: machine.name,
    namespace,
    kind: "vm",
    identity: spiffeId(namespace, serviceAccount),
    machine,
    address: async () => machine.address,
    proxy: async () => ({
      id: `${machine.name}.${namespace}`,
      get: async (path) =>
        (await machine.sh(`curl -sSf -m 20 ${quote(`http://127.0.0.1:15000${path}`)}`, { signal })).stdout,
    }),
    sh: async (script) => (await machine.sh(script, { signal })).stdout,
    async exchange(request, inner) {
      const command = ["vmesh-echo", ...callCommand(request, timeScale)].map(quote).join(" ");
      const timeoutMs = scaled(timeouts.machineCommand, timeScale) + seriesMs(request, timeScale);
      const { stdout } = await machine.sh(command, { timeoutMs, signal: inner });
      return exchangesIn(stdout, request, `\`${command}\` on machine ${machine.name}`);
    },
  };
}
