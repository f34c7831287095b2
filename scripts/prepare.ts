import { randomBytes, randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { ClusterProvider } from "../clusters/provider.ts";
import { providers } from "../clusters/providers.ts";
import type { Config } from "../lib/config.ts";
import { loadEnvironment } from "../lib/environment.ts";
import type { Log } from "../lib/log.ts";
import type { Lab } from "./bring-up.ts";
import { resolveCluster, stateFolder } from "./cluster-state.ts";
import { demandKnown } from "./select.ts";
import { providerOptions } from "./version-options.ts";

/** Loaded when it is needed: the Kubernetes client alone takes as long as a usage error should. */
const install: Lab["install"] = async (...args) =>
  (await import("../clusters/components/components.ts")).installComponents(...args);

/** The provider of this name. Throws a usage error with the known and the nearest names. */
async function providerNamed(name: string): Promise<ClusterProvider> {
  const registry: Record<string, () => Promise<ClusterProvider>> = providers;
  demandKnown("provider", [name], Object.keys(registry));
  const load = registry[name];
  if (!load) throw new TypeError(`The provider registry lost \`${name}\`.`);
  return load();
}

/**
 * The provider of a configuration and its section of `settings`. Throws a usage error for an unknown provider, also as
 * the name of a section, for a section that the provider does not take, and for an unknown version set.
 */
export async function providerOf(config: Config): Promise<ClusterProvider> {
  const provider = await providerNamed(config.provider);
  demandKnown("`settings` section", Object.keys(config.settings), Object.keys(providers));
  const { settings, versions } = providerOptions(config);
  provider.checkSettings(settings, versions);
  return provider;
}

/** A lab for a cluster that is yet to be made, under a name of its own. */
export async function newLab(config: Config, log: Log): Promise<Lab> {
  const provider = await providerOf(config);
  const clusterId = `vmesh-${randomBytes(3).toString("hex")}`;
  // Of one that does not answer the doctor, which comes first in a run, tells why.
  const counted = await provider.countNodes?.(providerOptions(config).settings).catch(() => undefined);
  return {
    config: counted === undefined ? config : { ...config, nodes: counted },
    provider,
    install,
    clusterId,
    stateDir: stateFolder(clusterId),
    log,
    keep: config.keep,
  };
}

/**
 * The configuration with what `--cluster` means: for `kubeconfig` and for a file that is one, the provider of that name.
 * Without them it is as it was.
 */
export async function meantCluster(config: Config): Promise<Config> {
  const { cluster, ...rest } = config;
  if (cluster === undefined || cluster === "current") return config;
  if (cluster === "kubeconfig") return { ...rest, provider: "kubeconfig" };
  const text = await readFile(cluster, "utf8").catch(() => undefined);
  if (text === undefined) return config;
  const { isKubeconfig } = await import("../clusters/kubeconfig/kubeconfig-file.ts");
  if (!isKubeconfig(text)) return config;
  const section = { ...config.settings["kubeconfig"], kubeconfig: resolve(cluster) };
  return { ...rest, provider: "kubeconfig", settings: { ...config.settings, kubeconfig: section } };
}

/** A lab for the cluster that `--cluster` means, and its environment file. It is never removed by a run. */
export async function existingLab(config: Config, cluster: string, log: Log): Promise<{ lab: Lab; file: string }> {
  const file = await resolveCluster(cluster);
  const environment = await loadEnvironment(file);
  const { clusterId, nodes } = environment;
  const asItIs = { ...config, provider: environment.provider, nodes: nodes.length };
  const provider = await providerOf(asItIs);
  const stateDir = dirname(file);
  const lab = {
    config: asItIs,
    provider,
    install,
    clusterId,
    stateDir,
    log,
    keep: true,
    environment,
  };
  return { lab, file };
}

export function newSeed(): number {
  return randomInt(1_000_000);
}
