import type { Log } from "../../lib/log.ts";
import type { Multipass } from "../machines/multipass-cli.ts";
import { addressOf, startInstance } from "../machines/multipass-launch.ts";
import type { ClusterAccess } from "../provider.ts";
import { readyNodes } from "./access.ts";
import { writeKubeconfig } from "./bring-up.ts";
import { hostsScript } from "./install-k3s.ts";
import type { K3sState } from "./state.ts";

/** A cluster that another process made, perhaps before this machine was restarted. */
export interface Known {
  state: K3sState;
  access: ClusterAccess;
}

/**
 * The cluster as it is now: instances that stand still are started, and where Multipass has given out other addresses, the
 * kubeconfig, the agents and the access follow. Throws an environment error if an instance is gone.
 */
export async function takeUp({
  state,
  access,
  multipass,
  log,
}: Known & { multipass: Multipass; log: Log }): Promise<Known> {
  const { signal } = new AbortController();
  const names = [state.server, ...state.agents, ...(state.vm === undefined ? [] : [state.vm])];
  await Promise.all(names.map((name) => startInstance(multipass, name, { log, signal })));
  const address = await addressOf(multipass, state.server, signal);
  const vm = await vmNow(multipass, { state, access }, signal);
  const machines = vm ? { vm } : {};
  const before = access.machines.vm?.address;
  if (vm && vm.address !== before) {
    log.warn(
      `machine ${vm.name} has the address ${vm.address} now and is registered in the mesh as ${before}: ` +
        "checks of it are red until the cluster is made anew (`scripts/vmesh down`, then `scripts/vmesh up`)",
    );
  }
  if (address === state.address) return { state, access: { ...access, machines } };
  log.warn(`the server has the address ${address} now, it was ${state.address}`);
  const { kubeconfig } = access;
  await writeKubeconfig(multipass, { server: state.server, address, kubeconfig, signal });
  const script = `${hostsScript({ name: state.server, address })}\nsystemctl restart k3s-agent`;
  await Promise.all(state.agents.map((agent) => multipass.sh(agent, script, { signal })));
  const nodes = await readyNodes(kubeconfig, 1 + state.agents.length, signal);
  return {
    state: { ...state, address },
    access: { ...access, machines, nodes: nodes.map((node) => ({ name: node.name, address: node.address })) },
  };
}

async function vmNow(multipass: Multipass, { state, access }: Known, signal: AbortSignal) {
  const { vm } = access.machines;
  return vm && state.vm !== undefined ? { ...vm, address: await addressOf(multipass, state.vm, signal) } : undefined;
}
