import { mkdir, readlink, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type CommandOptions, type CommandResult, run } from "../../lib/command.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { cacheId } from "../lab/labels.ts";
import { mirrored } from "../upstream/mirror.ts";
import type { Checkout } from "./checkout.ts";
import type { ContainerCli } from "./container-cli.ts";
import { cacheLabel, labelOf } from "./containers.ts";
import type { KubevirtciSettings } from "./settings.ts";

/** kubevirtci's scripts as they are called for one cluster. */
export interface Scripts {
  folder: string;
  /** What they are told, in variables. */
  variables: Record<string, string>;
  /** Folder with programs of the cluster's, which they find before this machine's. */
  programs: string;
}

export interface ScriptsOptions {
  checkout: Checkout;
  settings: KubevirtciSettings;
  cli: ContainerCli;
  clusterId: string;
  cacheDir: string;
  stateDir: string;
  nodes: number;
  /** Reference of the image with kubevirtci's own program; as its scripts have it when not given. */
  gocli?: string | undefined;
  /** Prefix of a mirror of the nodes' images. */
  mirror?: string | undefined;
}

/** The scripts of a checkout with every variable that decides about the cluster; others are as they were. */
export function scriptsFor(options: ScriptsOptions): Scripts {
  const { checkout, settings, cli, clusterId, cacheDir, stateDir, nodes, gocli, mirror } = options;
  const labels = [labelOf(clusterId), `${cacheLabel}=${cacheId(cacheDir)}`];
  return {
    folder: checkout.folder,
    variables: {
      ...(mirror !== undefined && mirrorVariables(mirror, checkout.tag, gocli)),
      ...settings.environment,
      KUBEVIRTCI_TAG: checkout.tag,
      KUBEVIRTCI_RUNTIME: cli.runtime,
      ...(cli.runtime === "podman" && { KUBEVIRTCI_PODMAN_SOCKET: cli.socket }),
      // Nothing of a cluster is written into the checkout, which others may use, too.
      KUBEVIRTCI_CONFIG_PATH: configFolder(stateDir),
      KUBEVIRT_PROVIDER: checkout.provider,
      KUBEVIRT_NUM_NODES: String(nodes),
      KUBEVIRT_NUM_VCPU: String(settings.cpus),
      KUBEVIRT_MEMORY_SIZE: settings.memory,
      KUBEVIRT_DEPLOY_ISTIO: String(settings.istio),
      KUBEVIRT_WITH_CNAO: String(settings.cnao),
      KUBEVIRT_DNS_HOST_PORT: String(settings.dnsPort),
      // Tags of 2021 name containers and volumes after it; today's publish port 8443 where there is none.
      JOB_NAME: clusterId,
      EXECUTOR_NUMBER: "",
      // It would be overwritten.
      GLOBAL_KUBECONFIG: "",
      // The one place where the scripts pass words of their caller on to the container CLI.
      USE_TTY: labels.map((label) => `--label ${label}`).join(" "),
    },
    programs: programFolder(stateDir),
  };
}

/** What can be had from a mirror; the registry beside the nodes always comes from where it is published. */
function mirrorVariables(mirror: string, tag: string, gocli: string | undefined): Record<string, string> {
  const own = gocli?.replace(/:[^:/]*$/, `:${tag}`);
  return {
    KUBEVIRTCI_CONTAINER_REGISTRY: mirror.replace(/^https?:\/\//, "").replace(/\/+$/, ""),
    ...(own !== undefined && { KUBEVIRTCI_GOCLI_CONTAINER: mirrored.reference(own, mirror) }),
  };
}

/** Makes the folders that the scripts expect. Those of 2021 call this machine's kubectl, after they copied a fitting one. */
export async function prepareScripts(stateDir: string, { provider }: Pick<Checkout, "provider">): Promise<void> {
  await mkdir(configFolder(stateDir), { recursive: true });
  await mkdir(programFolder(stateDir), { recursive: true });
  const link = join(programFolder(stateDir), "kubectl");
  const isThere = await readlink(link).catch(() => undefined);
  if (isThere === undefined) await symlink(join(configFolder(stateDir), provider, ".kubectl"), link);
}

/** Runs `cluster-up/NAME.sh`. Throws as `run` of `lib/command.ts` does. */
export async function script(
  scripts: Scripts,
  name: "cli" | "kubeconfig" | "ssh",
  args: readonly string[] = [],
  options: Partial<CommandOptions> = {},
): Promise<CommandResult> {
  const timeoutMs = timeouts.kubevirtciScript;
  const { folder } = scripts;
  return run(join(folder, `cluster-up/${name}.sh`), args, {
    cwd: folder,
    env: variablesOf(scripts),
    timeoutMs,
    ...options,
  });
}

/** Every variable that differs from this process's own. */
export function variablesOf({ variables, programs }: Scripts): Record<string, string> {
  return { ...variables, PATH: `${programs}:${process.env["PATH"] ?? ""}` };
}

/** The port of this machine at which a service of the cluster is published now: `k8s`, `registry`. */
export async function portOf(scripts: Scripts, name: string, signal?: AbortSignal): Promise<number | undefined> {
  const { stdout } = await script(scripts, "cli", ["ports", name], { signal });
  const port = stdout.trim().split("\n").at(-1) ?? "";
  return /^\d{2,5}$/.test(port) ? Number(port) : undefined;
}

/**
 * What the scripts begin the names of their containers with. Asked of them, as it depends on the tag: the provider's
 * name, or the job's.
 */
export async function prefixOf(scripts: Scripts, signal: AbortSignal): Promise<string> {
  const ask = 'source "$1" >&2; printf %s "$provider_prefix"';
  const { folder } = scripts;
  const args = ["-c", ask, "bash", join(folder, "cluster-up/hack/common.sh")];
  const options = { cwd: folder, env: variablesOf(scripts), timeoutMs: timeouts.kubevirtciScript, signal };
  return (await run("bash", args, options)).stdout.trim();
}

/** Where the scripts keep kubeconfig and kubectl of the cluster. */
function configFolder(stateDir: string): string {
  return join(stateDir, "kubevirtci");
}

function programFolder(stateDir: string): string {
  return join(stateDir, "programs");
}
