import { type Bundle, type Kept, openBundle } from "./diagnostics/bundle.ts";
import { collectMachine } from "./diagnostics/machine.ts";
import { collectNamespace, lookAt } from "./diagnostics/namespace.ts";
import { ownSecrets } from "./diagnostics/own-secrets.ts";
import { collectProxyStatus } from "./diagnostics/proxy-status.ts";
import type { Environment } from "./environment.ts";
import { describeError } from "./errors.ts";
import type { Kube } from "./kube.ts";
import type { Machine } from "./machine.ts";
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
  await wholly(bundle, async () => {
    await hideOwnSecrets(bundle, environment);
    const ofMachine = machine && collectMachine(bundle, machine);
    const ofCluster = collectFrom(bundle, { kube, timeScale }, namespaces, () =>
      collectProxyStatus(bundle, environment, namespaces),
    );
    await Promise.all([ofCluster, ofMachine]);
  });
  return bundle.close();
}

/** A mistake of a collector's own must not take the place of the error that it is evidence for. */
async function wholly(bundle: Bundle, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    bundle.problem(`the collecting ended early: ${describeError(error)}`);
  }
}

async function hideOwnSecrets(bundle: Bundle, from: Pick<Environment, "kubeconfig" | "machines">): Promise<void> {
  bundle.hide((await bundle.collect("secrets of the harness", () => ownSecrets(from))) ?? []);
}

/** Collects of these namespaces, and with `more`, if the API server answers; else each question would wait for it. */
async function collectFrom(
  bundle: Bundle,
  scene: { kube: Kube; timeScale: number },
  namespaces: readonly string[],
  more: () => Promise<void>,
): Promise<void> {
  const ready = (signal: AbortSignal) => scene.kube.raw("/readyz", { signal });
  const limitMs = scaled(timeouts.apiAnswer, scene.timeScale);
  if ((await bundle.collect("nothing is asked of the API server, which does not answer", ready, limitMs)) === undefined)
    return;
  const seen = await Promise.all(namespaces.map((name) => lookAt(bundle, scene, name)));
  await Promise.all([...seen.map((one) => collectNamespace(bundle, scene, one)), more()]);
}
