import type { Machine } from "../machine.ts";
import { mesh } from "../mesh.ts";
import { machineProxy } from "../proxy.ts";
import type { Bundle } from "./bundle.ts";
import { collectProxy } from "./proxy.ts";

/** What a machine is asked when a check on it has failed: file name to script. */
const scripts = {
  "agent.log": "tail -n 300 /var/log/istio/istio.log /var/log/istio/istio.err.log",
  "journal.log": "journalctl --boot --lines 300 --no-pager",
  "packet-filters.txt": "iptables-save; iptables-legacy-save",
  "sockets.txt": "ss --tcp --udp --all --numeric --processes",
};

/** Writes of a machine outside the cluster the agent's log, the journal, packet filters, sockets, and what its proxy says. */
export async function collectMachine(bundle: Bundle, machine: Machine): Promise<void> {
  const answers = Object.entries(scripts).map(([file, script]) =>
    bundle.collect(`${file} of machine ${machine.name}`, async (signal) => {
      const { stdout } = await machine.sh(script, { signal, allowFailure: true });
      await bundle.write(`${machine.name}/${file}`, stdout);
    }),
  );
  // One after the other: each is an SSH handshake, which takes a machine under emulation a second.
  const access = (signal: AbortSignal) => machineProxy(machine, { namespace: mesh.vm.namespace, signal });
  await Promise.all([...answers, collectProxy(bundle, machine.name, access, { inTurn: true })]);
}
