import { clusterLabel } from "../lab/docker.ts";
import { cacheLabel } from "../lab/labels.ts";
import type { ContainerCli } from "./container-cli.ts";

/** A container as far as it is known from a list. */
export interface SeenContainer {
  id: string;
  name: string;
}

/** The containers of a kubevirtci cluster: its program names them by a prefix, and labels nothing. */
export async function containersOf(cli: ContainerCli, prefix: string): Promise<SeenContainer[]> {
  return (await list(cli)).filter(({ name }) => name.startsWith(`${prefix}-`));
}

/**
 * Containers in which kubevirtci's own program runs for a cluster of ours. They carry our labels, and one whose caller
 * was killed goes on making nodes.
 */
export async function workersOf(cli: ContainerCli, label: string): Promise<SeenContainer[]> {
  return list(cli, "--filter", `label=${label}`);
}

/** What these containers do at the moment, as the engine shows their commands. */
export async function commandsOf(cli: ContainerCli, label: string): Promise<string[]> {
  const args = ["ps", "--no-trunc", "--filter", `label=${label}`, "--format", "{{.Command}}"];
  return lines((await cli.run(args)).stdout);
}

/** The labels of everything that kubevirtci's scripts start for one cluster. */
export function labelOf(clusterId: string): string {
  return `${clusterLabel}=${clusterId}`;
}

export { cacheLabel };

/** When a container was made, in milliseconds since 1970; `undefined` if it is gone meanwhile. */
export async function creationOf(cli: ContainerCli, { id }: SeenContainer): Promise<number | undefined> {
  const args = ["inspect", "--type", "container", "--format", "{{json .Created}}", id];
  const { exitCode, stdout } = await cli.run(args, { allowFailure: true });
  return exitCode === 0 ? Date.parse(JSON.parse(stdout)) : undefined;
}

/** Removes a container with what runs in it; that it is gone already is fine. Returns why it is still there, if it is. */
export async function removeContainer(cli: ContainerCli, { id }: SeenContainer): Promise<string | undefined> {
  const { exitCode, stderr } = await cli.run(["rm", "--force", "--volumes", id], { allowFailure: true });
  return exitCode === 0 || /no such container|no container with/i.test(stderr) ? undefined : stderr.trim();
}

/** Volumes whose name begins with the cluster's own id, as those of tags that name volumes after their job. */
export async function volumesOf(cli: ContainerCli, clusterId: string): Promise<string[]> {
  const { stdout } = await cli.run(["volume", "ls", "--format", "{{.Name}}"]);
  return lines(stdout).filter((name) => name.startsWith(clusterId));
}

async function list(cli: ContainerCli, ...filter: string[]): Promise<SeenContainer[]> {
  const args = ["ps", "--all", "--no-trunc", ...filter, "--format", "{{.ID}} {{.Names}}"];
  return lines((await cli.run(args)).stdout).map((line) => {
    const [id = "", names = ""] = line.split(" ");
    return { id, name: names.split(",")[0] ?? "" };
  });
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}
