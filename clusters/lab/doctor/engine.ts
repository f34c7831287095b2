import { z } from "zod";
import { fine, type Judgement, limited, missing } from "../../finding.ts";
import { docker } from "../docker.ts";
import { enginePaths } from "../dockerd.ts";
import { answeringEngine, socketOf } from "../engine.ts";

/** A Docker engine that answers, and that a run would use. */
export interface SeenEngine {
  socket: string;
  version: string;
  /** Folder of its images and containers. */
  dataRoot: string;
  /** Storage driver. */
  driver: string;
  /** Words such as `name=rootless`. */
  security: readonly string[];
}

export interface EngineFacts {
  engine: SeenEngine | undefined;
  /** `DOCKER_HOST`, if set. */
  requested: string | undefined;
  isRoot: boolean;
}

/** Judges the engine that answers, or whether one can be started. */
export function judgeEngine({ engine, requested, isRoot }: EngineFacts): Judgement {
  const name = "engine";
  if (!engine) {
    if (isRoot) return fine(name, "no Docker engine answers", "starts Debian's Docker engine");
    const detail = "no Docker engine answers, and only root can start one";
    return missing(name, detail, "run as root, or start Docker and put yourself into its group");
  }
  const { version, socket, driver } = engine;
  const detail = `Docker ${version} answers at \`${socket}\``;
  if (!isRecent(version)) {
    return missing(name, `${detail}, expected 20.10 or newer`, "update it, or stop it: a run then starts Debian's");
  }
  const confined = engine.security.find((word) => /^name=(rootless|userns)/.test(word));
  if (confined) {
    const mend = "let DOCKER_HOST name an engine that runs as root without user namespaces, or stop this one";
    return missing(name, `${detail}, and has \`${confined}\`: its containers cannot be nodes`, mend);
  }
  if (requested !== undefined && requested !== `unix://${socket}`) {
    const mend = "start the engine that DOCKER_HOST names, or unset DOCKER_HOST";
    return limited(name, `${detail} and is used, as none does at DOCKER_HOST \`${requested}\``, mend);
  }
  if (driver === "vfs") {
    const cost = "it copies every layer of every image, which takes time and disk";
    return limited(name, `${detail}, with storage driver \`vfs\`: ${cost}`, "keep its data root off another overlay");
  }
  return fine(name, detail);
}

/**
 * The engine a run would use, in its order: that of DOCKER_HOST, vmesh's own, the system's.
 * Throws an environment error for a DOCKER_HOST of another machine.
 */
export async function readEngine(cacheDir: string): Promise<SeenEngine | undefined> {
  const requested = process.env["DOCKER_HOST"];
  const answering = (await answeringEngine())?.socket;
  if (requested && answering === socketOf(requested)) return describe(answering);
  // None of ours is up, or it was killed: then a run starts it again.
  const own = await describe(enginePaths(cacheDir).socket).catch(() => undefined);
  return own ?? (answering === undefined ? undefined : describe(answering));
}

const infoSchema = z.object({
  ServerVersion: z.string(),
  DockerRootDir: z.string(),
  Driver: z.string(),
  SecurityOptions: z.array(z.string()).nullish(),
});

async function describe(socket: string): Promise<SeenEngine> {
  const info = infoSchema.parse((await docker(socket, "/info")).body);
  const { ServerVersion: version, DockerRootDir: dataRoot, Driver: driver, SecurityOptions: security } = info;
  return { socket, version, dataRoot, driver, security: security ?? [] };
}

/** 20.10 is the first that gives a container its own cgroups (`CgroupnsMode`). */
function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return major > 20 || (major === 20 && minor >= 10);
}
