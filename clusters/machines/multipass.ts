import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../lib/log.ts";
import { userDataOf } from "./cloud-init.ts";
import { keysIn, makeKeys } from "./credentials.ts";
import type { LaunchedMachine, LaunchOptions, MachineDriver } from "./machine.ts";
import type { Multipass } from "./multipass-cli.ts";
import { addressOf, launchInstance, removeInstance } from "./multipass-launch.ts";

export interface MultipassOptions {
  multipass: Multipass;
  /** Names of instances begin with it: a machine `vm` is the instance `PREFIX-vm`. */
  prefix: string;
  /** A release of Ubuntu, or whatever else `multipass launch` takes. */
  image: string;
  cpus: number;
  diskGiB: number;
  log: Log;
}

/** Machines as instances of Multipass, reached over SSH as root with a key that cloud-init places. */
export function multipassDriver(options: MultipassOptions): MachineDriver {
  return { name: "multipass", launch: (machine) => launch(options, machine) };
}

async function launch(options: MultipassOptions, machine: LaunchOptions): Promise<LaunchedMachine> {
  const { multipass, image, cpus, diskGiB, log } = options;
  const { name, folder, memoryMiB, signal } = machine;
  const instance = instanceOf(options.prefix, name);
  const ssh = join(folder, "ssh");
  // The address is known late, and may change: the list of known hosts is the machine's own and holds for any.
  const keys = existsSync(join(ssh, "known-hosts")) ? await keysIn(ssh) : await makeKeys(ssh, "*", signal);
  const size = { cpus, memoryMiB, diskGiB };
  const userData = userDataOf({ hostname: name, keys });
  await launchInstance(multipass, { name: instance, image, size, userData }, { log, signal });
  try {
    const address = await addressOf(multipass, instance, signal);
    const { identityFile, knownHostsFile } = keys;
    return launchedMachine({ name, address, user: "root", identityFile, knownHostsFile }, { multipass, instance });
  } catch (error) {
    await removeInstance(multipass, instance);
    throw error;
  }
}

/** Name of the instance that a machine of this name is. */
export function instanceOf(prefix: string, name: string): string {
  return `${prefix}-${name}`;
}

/** A handle on a machine that was launched before, perhaps by another process. */
export function launchedMachine(
  access: LaunchedMachine["access"],
  { multipass, instance }: { multipass: Multipass; instance: string },
): LaunchedMachine {
  return {
    access,
    // Multipass throws the serial console away; the journal has what kernel and services said.
    console: async () => (await multipass.sh(instance, "journalctl --no-pager --output short-iso --boot")).stdout,
    dispose: () => removeInstance(multipass, instance),
  };
}
