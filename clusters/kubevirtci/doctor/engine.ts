import { existsSync } from "node:fs";
import { timeouts } from "../../../lib/timeouts.ts";
import { fine, type Judgement, missing } from "../../finding.ts";
import { type ContainerCli, engineVersion } from "../container-cli.ts";

/** What is known of the engine behind the container CLI. */
export interface EngineFacts {
  /** `undefined` where none answers. */
  version: string | undefined;
  dataRoot: string | undefined;
  socket: string;
  /** The socket is there. */
  listens: boolean;
  /** `DOCKER_HOST`, if set. */
  requested: string | undefined;
}

export function judgeEngine(runtime: "docker" | "podman", { version, socket }: EngineFacts): Judgement {
  if (version !== undefined) return fine("engine", `${runtime} ${version} answers`);
  const detail = `neither podman at \`${socket}\` nor docker answers`;
  const mend = "start docker and put yourself into its group, or enable `podman.socket`";
  return missing("engine", runtime === "podman" ? `podman does not answer at \`${socket}\`` : detail, mend);
}

/** kubevirtci's own program gets the socket at its usual place, wherever the CLI itself connects to. */
export function judgeSocket(
  runtime: "docker" | "podman",
  { socket, listens, requested }: Pick<EngineFacts, "socket" | "listens" | "requested">,
): Judgement {
  const name = "engine socket";
  if (!listens) {
    return missing(name, `no \`${socket}\`, which kubevirtci's own program gets`, `let ${runtime} listen there`);
  }
  if (runtime === "docker" && requested !== undefined && !requested.endsWith(socket)) {
    const detail = `DOCKER_HOST is \`${requested}\`, but kubevirtci's own program gets \`${socket}\``;
    return missing(name, detail, "unset DOCKER_HOST, so that both speak to one engine");
  }
  return fine(name, `\`${socket}\` is there`);
}

export async function readEngine(cli: ContainerCli): Promise<EngineFacts> {
  const version = await engineVersion(cli);
  return {
    version,
    dataRoot: version === undefined ? undefined : await dataRootOf(cli),
    socket: cli.socket,
    listens: existsSync(cli.socket),
    requested: process.env["DOCKER_HOST"] || undefined,
  };
}

async function dataRootOf(cli: ContainerCli): Promise<string | undefined> {
  const field = cli.runtime === "podman" ? "{{.Store.GraphRoot}}" : "{{.DockerRootDir}}";
  const options = { timeoutMs: timeouts.hostCommand, allowFailure: true };
  const { exitCode, stdout } = await cli.run(["info", "--format", field], options);
  return exitCode === 0 && stdout.trim() !== "" ? stdout.trim() : undefined;
}
