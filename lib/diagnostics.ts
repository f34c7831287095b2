import { clusterLabel, namespacesLeft } from "./check-namespaces.ts";
import { type Bundle, guarded, type Kept, openBundle } from "./diagnostics/bundle.ts";
import { collectMachine } from "./diagnostics/machine.ts";
import { collectNamespaces } from "./diagnostics/namespace.ts";
import { hideOwnSecrets } from "./diagnostics/own-secrets.ts";
import { collectProxyStatus } from "./diagnostics/proxy-status.ts";
import type { Environment } from "./environment.ts";
import type { Kube } from "./kube.ts";
import { type Machine, machineAt } from "./machine.ts";
import { mesh } from "./mesh.ts";
import { scaled, timeouts } from "./timeouts.ts";
import { deadline } from "./wait.ts";

/** What a failed check worked with. */
export interface DiagnosticsScene {
  kube: Kube;
  environment: Pick<Environment, "kubeconfig" | "machines" | "tools" | "timeScale">;
  namespaces: readonly string[];
  /** The machine outside the cluster, where the check has one. */
  machine?: Machine | undefined;
  /** Ends the collecting. */
  interrupt?: AbortSignal | undefined;
}

/**
 * Writes what a failed check worked with into `folder`: of its namespaces events, descriptions of objects, logs, serial
 * consoles, and what the proxies say; of its machine logs, packet filters, sockets and proxy; and what istiod says of
 * the proxies. At most 1 MB in at most `timeouts.diagnostics`. No Secret is asked for, of objects only named fields are
 * shown, and every text is masked before it is written. Never throws: what could not be collected is told in
 * `problems.txt`, and what could not be written is `lost`.
 */
export async function collectDiagnostics(scene: DiagnosticsScene, folder: string): Promise<Kept> {
  const { kube, environment, machine, interrupt } = scene;
  const { timeScale } = environment;
  const namespaces = machine ? [...scene.namespaces, mesh.vm.namespace] : scene.namespaces;
  const signal = deadline(scaled(timeouts.diagnostics, timeScale), interrupt);
  const bundle = openBundle(folder, { signal, collectorMs: scaled(timeouts.collector, timeScale) });
  await guarded(bundle, async () => {
    await hideOwnSecrets(bundle, environment);
    const ofMachine = machine && collectMachine(bundle, machine);
    const status = () => collectProxyStatus(bundle, environment, namespaces);
    await Promise.all([collectNamespaces(bundle, { kube, timeScale }, namespaces, status), ofMachine]);
  });
  return bundle.close();
}

/** Where something on a cluster failed. */
export interface ClusterDiagnosticsScene {
  kube: Kube;
  access: Pick<Environment, "kubeconfig" | "machines" | "timeScale">;
  namespaces: readonly string[];
  /** To look at all of it: its machines, the namespaces that checks left behind, and what its provider has to add. */
  whole?: { clusterId: string; logs(bundle: Bundle): Promise<void> };
}

/** Writes into a bundle what the cluster says of these namespaces, and of all of it where that is asked for. */
export async function collectCluster(bundle: Bundle, scene: ClusterDiagnosticsScene): Promise<void> {
  const { kube, access, namespaces, whole } = scene;
  const { timeScale } = access;
  await hideOwnSecrets(bundle, access);
  const left = whole ? await leftByChecks(bundle, kube, whole.clusterId) : [];
  const machines = whole ? Object.values(access.machines).map(machineAt) : [];
  await Promise.all([
    collectNamespaces(bundle, { kube, timeScale }, [...namespaces, ...left]),
    ...machines.map((machine) => collectMachine(bundle, machine)),
    whole && bundle.collect("logs of the nodes", () => whole.logs(bundle), timeouts.clusterDiagnostics),
  ]);
}

/** A check whose process died has left its namespace as it was. */
async function leftByChecks(bundle: Bundle, kube: Kube, clusterId: string): Promise<string[]> {
  const look = (signal: AbortSignal) => namespacesLeft(kube, clusterLabel, clusterId, signal);
  return (await bundle.collect("namespaces that checks left", look, timeouts.apiAnswer)) ?? [];
}
