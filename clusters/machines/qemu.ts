import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PullPolicy } from "testcontainers";
import { run } from "../../lib/command.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { LabContainer, useEngine } from "../lab/container.ts";
import { credentialsOf, type MachineKeys, makeKeys } from "./credentials.ts";
import type { LaunchedMachine, LaunchOptions, MachineDriver } from "./machine.ts";

/** Where machines of QEMU run and what they boot. */
export interface QemuOptions {
  dockerHost: string;
  /** Image `vmesh/machine`. */
  image: string;
  /** Folder with `disk.img`, `vmlinuz` and `initrd`. */
  disk: string;
  /** Docker network. */
  network: string;
  /** The machine's address there, with the network's prefix length. */
  address: string;
  gateway: string;
  dns: string;
  /** Name of the container. */
  container: string;
  labels: Record<string, string>;
  /** Keys that the machine gets instead of some that are made for it. */
  keys?: MachineKeys;
}

/**
 * Machines that QEMU emulates, each in a container whose address it takes over: so it stands on the network of the
 * nodes, and goes with its container. With KVM where a trial boot proves that it works.
 */
export function qemuDriver(options: QemuOptions): MachineDriver {
  return { name: "qemu", launch: (machine) => launch(options, machine) };
}

async function launch(options: QemuOptions, machine: LaunchOptions): Promise<LaunchedMachine> {
  const { dockerHost, container } = options;
  const { name, folder, signal } = machine;
  const address = options.address.replace(/\/.*/, "");
  const keys = options.keys ?? (await makeKeys(join(folder, "ssh"), address, signal));
  const credentials = join(folder, "credentials");
  await mkdir(credentials, { recursive: true, mode: 0o700 });
  for (const [credential, content] of Object.entries(credentialsOf({ ...options, name, keys }))) {
    const line = `io.systemd.credential.binary:${credential}=${Buffer.from(content).toString("base64")}`;
    await writeFile(join(credentials, credential), line, { mode: 0o600 });
  }
  const { identityFile, knownHostsFile } = keys;
  const access = { name, address, user: "root", identityFile, knownHostsFile };
  const launched = launchedMachine(access, { dockerHost, container });
  try {
    useEngine(dockerHost);
    await new MachineContainer(options.image)
      .withAddress(address)
      .withName(container)
      .withLabels(options.labels)
      .withPullPolicy(PullPolicy.neverPull())
      .withNetworkMode(options.network)
      .withCommand([`${machine.memoryMiB}`])
      .withBindMounts([
        { source: options.disk, target: "/machine", mode: "ro" },
        { source: credentials, target: "/credentials", mode: "ro" },
      ])
      .withStartupTimeout(timeouts.nodeStart)
      .start();
    return launched;
  } catch (error) {
    await launched.dispose();
    throw error;
  }
}

/** A handle on a machine that was launched before, perhaps by another process. */
export function launchedMachine(
  access: LaunchedMachine["access"],
  { dockerHost, container }: Pick<QemuOptions, "dockerHost" | "container">,
): LaunchedMachine {
  const docker = (...args: string[]) =>
    run("docker", args, { env: { DOCKER_HOST: dockerHost }, timeoutMs: timeouts.nodeCommand });
  return {
    access,
    console: async () => (await docker("logs", container)).stdout,
    async dispose() {
      await docker("rm", "--force", "--volumes", container);
    },
  };
}

/** QEMU makes a tap device and bridges it; its disk is thrown away with the container. */
class MachineContainer extends LabContainer {
  protected override async beforeContainerCreated(): Promise<void> {
    await super.beforeContainerCreated();
    Object.assign(this.hostConfig, {
      CapAdd: ["NET_ADMIN"],
      // Eight times a node's weight. Beside the guests of KubeVirt the machine waited longer for a processor than it ran,
      // and a reboot of 43 s took 165; it needs little, but that at once.
      CpuShares: 8192,
      // /dev/net/tun and /dev/kvm
      DeviceCgroupRules: ["c 10:200 rwm", "c 10:232 rwm"],
      RestartPolicy: { Name: "no" },
    });
  }
}
