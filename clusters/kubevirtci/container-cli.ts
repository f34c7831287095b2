import { type CommandResult, run } from "../../lib/command.ts";
import { timeouts } from "../../lib/timeouts.ts";
import type { KubevirtciSettings } from "./settings.ts";

/** The program by which kubevirtci's scripts reach the engine that the nodes run in. */
export interface ContainerCli {
  runtime: "docker" | "podman";
  /** Socket of the engine, which kubevirtci's own program gets. */
  socket: string;
  /** Runs one command of it. Throws as `run` of `lib/command.ts` does. */
  run(args: readonly string[], options?: CliOptions): Promise<CommandResult>;
}

export interface CliOptions {
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
  allowFailure?: boolean;
}

/** Where docker's engine listens, and nowhere else, as far as kubevirtci's scripts are concerned. */
export const dockerSocket = "/var/run/docker.sock";

export function containerCli(runtime: ContainerCli["runtime"], socket: string): ContainerCli {
  const [tool = "", ...first] = runtime === "podman" ? ["podman", "--remote", `--url=unix://${socket}`] : ["docker"];
  return {
    runtime,
    socket,
    run: (args, { timeoutMs = timeouts.kubevirtciScript, ...options } = {}) =>
      run(tool, [...first, ...args], { timeoutMs, ...options }),
  };
}

/**
 * The CLI that the settings name, or the first that answers of the two, in kubevirtci's own order; docker if none does.
 * It is decided here, once, so that scripts and provider never speak to different engines.
 */
export async function chooseCli({ runtime, podmanSocket }: KubevirtciSettings): Promise<ContainerCli> {
  const docker = containerCli("docker", dockerSocket);
  const podman = containerCli("podman", podmanSocket);
  if (runtime !== undefined) return runtime === "podman" ? podman : docker;
  return (await answers(podman)) ? podman : docker;
}

/** Whether an engine is behind the CLI. */
export async function answers(cli: ContainerCli): Promise<boolean> {
  return (await engineVersion(cli)) !== undefined;
}

/** The engine's version; `undefined` where the program is not there, or nothing answers it. */
export async function engineVersion(cli: ContainerCli): Promise<string | undefined> {
  const options = { timeoutMs: timeouts.hostCommand, allowFailure: true };
  // A program that is not there is thrown by `run`, also where failure is allowed.
  const result = await cli.run(["version", "--format", "{{.Server.Version}}"], options).catch(() => undefined);
  return result?.exitCode === 0 ? result.stdout.trim() : undefined;
}
