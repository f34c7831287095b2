import { join } from "node:path";
import { mkdir } from "node:fs/promises";
import { PullPolicy, Wait } from "testcontainers";
import { type CommandResult, run } from "../../lib/command.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { LabContainer, useEngine } from "./container.ts";
import { labelsOf } from "./labels.ts";
import { nodePrivileges } from "./privileges.ts";

/** Where a node container comes from and where it goes. */
export interface NodeOptions {
  clusterId: string;
  /** The cache the lab belongs to; named in a label. */
  cacheDir: string;
  /** Kubernetes' name of the node, unique within the cluster. */
  name: string;
  image: string;
  network: string;
  address: string;
  /** Host folder of the node's own state: container images, kubelet, logs. */
  folder: string;
  dockerHost: string;
  /** Names that must resolve in the node, to addresses. */
  hosts: Record<string, string>;
}

/** A running node container. */
export interface Node {
  name: string;
  address: string;
  folder: string;
  /** Runs a shell script in the node; throws with its output when it fails. */
  sh(script: string, options?: { signal?: AbortSignal; timeoutMs?: number; input?: string }): Promise<CommandResult>;
  write(path: string, content: string, mode?: string): Promise<void>;
  read(path: string): Promise<string>;
  /** Keeps a program running, its output in /var/log/vmesh/NAME.log. */
  supervise(name: string, command: readonly string[]): Promise<void>;
}

/** Starts a node as a container through testcontainers; container images are read from `folder/containerd`. */
export async function startNode(options: NodeOptions): Promise<Node> {
  const folders = { containerd: "/var/lib/containerd", kubelet: "/var/lib/kubelet", log: "/var/log" };
  useEngine(options.dockerHost);
  for (const name of Object.keys(folders)) await mkdir(join(options.folder, name), { recursive: true });
  await new NodeContainer(options.image)
    .withAddress(options.address)
    .withName(containerName(options))
    .withHostname(options.name)
    .withLabels({ ...labelsOf(options), "vmesh.dev/node": options.name })
    .withPullPolicy(PullPolicy.neverPull())
    .withNetworkMode(options.network)
    .withExtraHosts(Object.entries(options.hosts).map(([host, ipAddress]) => ({ host, ipAddress })))
    .withTmpFs({ "/run": "rw,exec,dev,suid", "/tmp": "rw,exec,dev,suid" })
    .withBindMounts(
      Object.entries(folders).map(([name, target]) => ({
        source: join(options.folder, name),
        target,
        mode: "rw" as const,
      })),
    )
    .withWaitStrategy(Wait.forSuccessfulCommand("test -e /run/vmesh/ready"))
    .withStartupTimeout(timeouts.nodeStart)
    .start();
  return nodeAt(options);
}

/** Removes a node's container; one that is gone already is fine. */
export async function removeNode(node: Pick<NodeOptions, "clusterId" | "name" | "dockerHost">): Promise<void> {
  const env = { DOCKER_HOST: node.dockerHost };
  await run("docker", ["rm", "--force", "--volumes", containerName(node)], { env, timeoutMs: timeouts.nodeCommand });
}

/** A handle on a node container that runs already. */
export function nodeAt(options: Pick<NodeOptions, "clusterId" | "name" | "address" | "folder" | "dockerHost">): Node {
  const docker = (
    args: readonly string[],
    settings: { signal?: AbortSignal; timeoutMs?: number; input?: string } = {},
  ) => run("docker", args, { timeoutMs: timeouts.nodeCommand, ...settings, env: { DOCKER_HOST: options.dockerHost } });
  const container = containerName(options);
  return {
    name: options.name,
    address: options.address,
    folder: options.folder,
    sh: (script, settings) => docker(["exec", "-i", container, "sh", "-euc", script], settings),
    write: async (path, content, mode = "0644") => {
      await docker(["exec", "-i", container, "sh", "-euc", `install -D -m ${mode} /dev/stdin ${path}`], {
        input: content,
      });
    },
    read: async (path) => (await docker(["exec", container, "cat", path])).stdout,
    supervise: async (name, command) => {
      await docker(["exec", "-d", container, "supervise", name, ...command]);
    },
  };
}

function containerName(options: { clusterId: string; name: string }): string {
  return `${options.clusterId}-${options.name}`;
}

/** A container with what a node needs beyond testcontainers' own options. */
class NodeContainer extends LabContainer {
  protected override async beforeContainerCreated(): Promise<void> {
    await super.beforeContainerCreated();
    const privileges = await nodePrivileges();
    Object.assign(this.hostConfig, {
      ...(privileges.privileged
        ? { Privileged: true }
        : {
            CapAdd: privileges.capabilities,
            SecurityOpt: ["seccomp=unconfined", "apparmor=unconfined"],
            // What `systempaths=unconfined` means on the command line.
            MaskedPaths: [],
            ReadonlyPaths: [],
          }),
      DeviceCgroupRules: ["a *:* rwm"],
      CgroupnsMode: "private",
      RestartPolicy: { Name: "no" },
    });
  }
}
