import type { Bundle } from "../../lib/diagnostics/bundle.ts";
import { describeError } from "../../lib/errors.ts";
import { type Multipass, multipassAt } from "../machines/multipass-cli.ts";
import type { ClusterAccess, ClusterProvider, CreateOptions, StartedCluster } from "../provider.ts";
import { bringUp } from "./bring-up.ts";
import { cleanK3s } from "./clean.ts";
import { examine } from "./doctor.ts";
import { instancesOf, prefixOf } from "./instances.ts";
import { demandFiles, setOf } from "./release.ts";
import { agentsOf, parseSettings } from "./settings.ts";
import { type K3sState, loadState, noteProgram, saveState } from "./state.ts";
import { takeUp } from "./take-up.ts";

/** k3s on virtual machines of Multipass: a server, agents, and one more machine that is to join the mesh from outside. */
export const k3sMultipass: ClusterProvider = {
  name: "k3s-multipass",
  summary: "k3s server and agents on Multipass, and one more of its machines outside the cluster",
  checkSettings: (settings) => void parseSettings(settings),
  doctor: ({ settings, ...options }) => examine({ settings: parseSettings(settings), ...options }),
  create,
  async attach(options) {
    const { log, stateDir } = options;
    const known = await loadState(stateDir);
    const multipass = multipassAt(known.state.multipass);
    const now = await takeUp({ ...known, multipass, log }).catch((error: unknown) => {
      // One that lost an instance must still be removed; whoever wants more of it asks its API next.
      log.warn(`the cluster is not as it was: ${describeError(error)}`);
      return known;
    });
    await saveState(stateDir, now.state, now.access);
    return started(options, multipass, now.state, now.access);
  },
  clean: cleanK3s,
};

async function create(options: CreateOptions, signal: AbortSignal): Promise<StartedCluster> {
  const settings = parseSettings(options.settings);
  const agents = agentsOf(settings, options.nodes);
  const set = await setOf(settings, options.versions);
  demandFiles(set, settings);
  const { cacheDir, clusterId, log, stateDir } = options;
  const multipass = multipassAt(settings.multipass);
  const instances = instancesOf(prefixOf(options), agents, settings);
  const names = [instances.server, ...instances.agents].map(({ name }) => name);
  await noteProgram(stateDir, settings.multipass);
  try {
    const { state, access } = await bringUp({ options, settings, set, multipass, instances, signal });
    await saveState(stateDir, state, access);
    return started(options, multipass, state, access);
  } catch (error) {
    if (!signal.aborted) await options.keepEvidence?.("cluster", (bundle) => collectLogs(multipass, names, bundle));
    await cleanK3s({ cacheDir, log, only: clusterId }).catch((failure: unknown) =>
      // What went wrong first is what a user must read.
      log.warn(`Not everything of ${clusterId} is removed; \`scripts/vmesh clean\` does it: ${describeError(failure)}`),
    );
    throw error;
  }
}

function started(options: CreateOptions, multipass: Multipass, state: K3sState, access: ClusterAccess): StartedCluster {
  const { clusterId, cacheDir, log } = options;
  const instances = [state.server, ...state.agents, ...(state.vm === undefined ? [] : [state.vm])];
  return {
    access,
    collectLogs: (bundle) => collectLogs(multipass, instances, bundle),
    async dispose() {
      await cleanK3s({ cacheDir, log, only: clusterId });
    },
  };
}

/** The journal of each instance: what its kernel, k3s and cloud-init said. One that does not answer is a problem of its own. */
async function collectLogs(multipass: Multipass, instances: readonly string[], bundle: Bundle): Promise<void> {
  await Promise.all(
    instances.map((name) =>
      bundle.collect(`journal of ${name}`, async (signal) => {
        const { stdout } = await multipass.sh(name, "journalctl --no-pager --output short-iso --boot", { signal });
        await bundle.write(`${name}.log`, stdout);
      }),
    ),
  );
}
