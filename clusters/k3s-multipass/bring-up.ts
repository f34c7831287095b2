import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { environmentError } from "../../lib/errors.ts";
import type { MachineAccess } from "../../lib/machine.ts";
import { stopwatch } from "../../lib/stopwatch.ts";
import { userDataOf } from "../machines/cloud-init.ts";
import type { Multipass } from "../machines/multipass-cli.ts";
import { addressOf, launchInstance } from "../machines/multipass-launch.ts";
import { instanceOf, multipassDriver } from "../machines/multipass.ts";
import type { ClusterAccess, CreateOptions } from "../provider.ts";
import { partsOf } from "../upstream/upstream-image.ts";
import type { VersionSet } from "../version-set.ts";
import { accessOf, readyNodes } from "./access.ts";
import { cniFolders, type CniFolders, writeMultus } from "./cni.ts";
import { prepareVm } from "./external-vm.ts";
import { installAgent, installServer } from "./install-k3s.ts";
import { type Instances, type PlannedInstance, prefixOf, vmHost } from "./instances.ts";
import { atAddress } from "./kubeconfig.ts";
import { fileOf, obtainParts } from "./parts.ts";
import { takesKubevirt } from "./release.ts";
import type { K3sSettings } from "./settings.ts";
import type { K3sState } from "./state.ts";
import { type Architecture, importImage } from "./test-images.ts";

/** A cluster on its way up. */
export interface BringUp {
  options: CreateOptions;
  settings: K3sSettings;
  set: VersionSet;
  multipass: Multipass;
  instances: Instances;
  signal: AbortSignal;
}

/**
 * From nothing, or from whatever an earlier attempt has made, to a cluster with as many Ready nodes as instances, the
 * test image on each, and a machine outside it. Throws whatever went wrong first; removing is the caller's.
 */
export async function bringUp(work: BringUp): Promise<{ state: K3sState; access: ClusterAccess }> {
  const { options, settings, multipass, instances } = work;
  const part = stopwatch(options.onPart);
  const { server, agents } = instances;
  // Alone: it also brings the image that all are made of, which Multipass fetches once for each launch at the same time.
  const address = await launchNode(work, server);
  const architecture = await architectureOf(work, server);
  options.log.info(`${server.name} runs at ${address}, ${architecture}`);
  const together = inParallel(work);
  const [parts, vm] = await together(
    (inner) =>
      [
        obtainParts(inner, architecture),
        settings.externalVm ? launchVm(inner) : undefined,
        ...agents.map((agent) => launchNode(inner, agent)),
      ] as const,
  );
  part("instances and downloads");

  const context = { multipass, log: options.log, signal: work.signal };
  await installServer(server, address, parts.node, context);
  const kubeconfig = join(options.stateDir, "kubeconfig");
  await writeKubeconfig(multipass, { server: server.name, address, kubeconfig, signal: work.signal });
  const here = { name: server.name, address };
  await together((inner) => [
    ...agents.map((agent) => installAgent(agent, here, parts.node, { ...context, signal: inner.signal })),
    vm && prepareVm(parts.sidecar, { ...context, instance: vmInstance(work), architecture, signal: inner.signal }),
  ]);
  const nodes = await readyNodes(kubeconfig, 1 + agents.length, work.signal);
  options.log.info(`${nodes.length} nodes are Ready`);
  part("k3s");

  const { image } = parts;
  if (image)
    await together((inner) =>
      [server, ...agents].map(({ name }) => importImage(multipass, name, image, { ...context, signal: inner.signal })),
    );
  const folders = await cniFolders(multipass, server.name, work.signal);
  const kvm = await multipass.sh(server.name, "test -e /dev/kvm", { signal: work.signal, allowFailure: true });
  part("test image");
  const references = await partsOf(work.set, { mirror: options.mirror });
  const access = accessOf({
    kubeconfig,
    nodes,
    set: work.set,
    images: settings.images,
    parts: references,
    workload: settings.images.workload ?? image?.reference ?? "",
    cniFolders: folders,
    manifests: { ...parts.manifests, ...(await manifestsOf(work, references, folders)) },
    istioctl: parts.istioctl,
    emulation: kvm.exitCode !== 0,
    vm,
  });
  const names = { server: server.name, agents: agents.map(({ name }) => name), ...(vm && { vm: vmInstance(work) }) };
  return { state: { multipass: multipass.program, ...names, address }, access };
}

/** Runs steps at the same time; the first that fails ends the others, and is thrown when all have ended. */
function inParallel(work: BringUp) {
  return async <T extends readonly unknown[]>(
    begin: (inner: BringUp) => T,
  ): Promise<{ -readonly [Key in keyof T]: Awaited<T[Key]> }> => {
    const failed = new AbortController();
    const steps = begin({ ...work, signal: AbortSignal.any([work.signal, failed.signal]) });
    const guarded = steps.map((step) => Promise.resolve(step).catch((error: unknown) => failed.abort(error)));
    await Promise.all(guarded);
    work.signal.throwIfAborted();
    failed.signal.throwIfAborted();
    return Promise.all(steps) as Promise<{ -readonly [Key in keyof T]: Awaited<T[Key]> }>;
  };
}

async function launchNode(
  { options, settings, multipass, signal }: BringUp,
  planned: PlannedInstance,
): Promise<string> {
  const { host, name, size } = planned;
  const call = { name, image: settings.image, size, userData: userDataOf({ hostname: host }) };
  await launchInstance(multipass, call, { log: options.log, signal });
  return addressOf(multipass, name, signal);
}

async function launchVm({ options, settings, multipass, signal }: BringUp): Promise<MachineAccess> {
  const { cpus, diskGiB, memoryMiB } = settings.vm;
  const prefix = prefixOf(options);
  const driver = multipassDriver({ multipass, prefix, image: settings.image, cpus, diskGiB, log: options.log });
  const folder = join(options.stateDir, "machine");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { access } = await driver.launch({ name: vmHost, folder, memoryMiB, signal });
  options.log.info(`${vmInstance({ options })} runs at ${access.address}`);
  return access;
}

function vmInstance({ options }: Pick<BringUp, "options">): string {
  return instanceOf(prefixOf(options), vmHost);
}

async function architectureOf({ multipass, signal }: BringUp, { name }: PlannedInstance): Promise<Architecture> {
  const machine = (await multipass.sh(name, "uname -m", { signal })).stdout.trim();
  if (machine === "x86_64") return "amd64";
  if (machine === "aarch64" || machine === "arm64") return "arm64";
  throw environmentError(`Instance \`${name}\` is a \`${machine}\`, expected x86_64 or aarch64.`);
}

/** Copies the server's kubeconfig, with its address where k3s wrote 127.0.0.1. */
export async function writeKubeconfig(
  multipass: Multipass,
  given: { server: string; address: string; kubeconfig: string; signal: AbortSignal },
): Promise<void> {
  const { server, address, kubeconfig, signal } = given;
  const { stdout } = await multipass.sh(server, "cat /etc/rancher/k3s/k3s.yaml", { signal });
  await writeFile(kubeconfig, atAddress(stdout, address), { mode: 0o600 });
}

/** Those that are not installed as they are published: KubeVirt where there is a guest for it, Multus for the folders of k3s. */
async function manifestsOf(
  work: BringUp,
  references: ClusterAccess["parts"],
  folders: CniFolders,
): Promise<ClusterAccess["manifests"]> {
  const { options, settings, set } = work;
  const multus = references["multus/multus-cni"];
  return {
    ...(multus !== undefined && {
      multus: await writeMultus(multus, folders, options.stateDir),
    }),
    ...(takesKubevirt(set, settings) && { "kubevirt-operator": await fileOf(work, "kubevirt-operator.yaml") }),
  };
}
