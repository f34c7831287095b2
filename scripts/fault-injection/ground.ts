import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { readDaemon } from "../../clusters/lab/daemon.ts";
import { docker } from "../../clusters/lab/docker.ts";
import { enginePaths } from "../../clusters/lab/dockerd.ts";
import { notedEngine } from "../../clusters/lab/state.ts";
import { run } from "../../lib/command.ts";
import { environmentError, exitCodes } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { cacheFolder } from "../cluster-state.ts";
import type { OwnFault, RunningRun, SharedFault } from "./fault.ts";

/** What a run stands on: its disk, the API server. */
export const groundFaults: readonly SharedFault[] = [
  {
    name: "disk-full",
    sentence: "the disk of the reports is full",
    ends: exitCodes.environment,
    cause: /ENOSPC/,
    async prepare({ out, signal }) {
      const options = { timeoutMs: timeouts.hostCommand, signal };
      await run("mkdir", ["-p", out], options);
      await run("mount", ["-t", "tmpfs", "-o", "size=4m", "vmesh-fault", out], options);
    },
    inject: ({ out }) => fill(join(out, "ballast")),
    async repair({ out, signal }) {
      await rm(join(out, "ballast"));
      // The report of the run outlives its disk.
      const options = { timeoutMs: timeouts.hostCommand, signal };
      const kept = `${out}.kept`;
      await run("cp", ["-a", out, kept], options);
      await run("umount", [out], options);
      await run("rmdir", [out], options);
      await run("mv", [kept, out], options);
    },
  },
  {
    name: "api-silent",
    sentence: "the API server does not answer any more",
    ends: exitCodes.environment,
    cause: /no answer from the API/,
    cleanedLater: true,
    inject: (scene) => firstNode(scene, "pause"),
    repair: (scene) => firstNode(scene, "unpause"),
  },
];

/** The same, where nothing of the cluster is of use afterwards; and a cluster that is not yet one. */
export const ownFaults: readonly OwnFault[] = [
  {
    name: "sigint-while-installing",
    sentence: "the run gets SIGINT while components are installed",
    ends: exitCodes.interrupted,
    cause: /Interrupted by SIGINT/,
    after: "cluster",
    inject: async ({ pid }) => process.kill(pid, "SIGINT"),
  },
  {
    name: "killed-while-installing",
    sentence: "the run gets SIGKILL while components are installed",
    ends: "SIGKILL",
    cause: /the run has not come to it/,
    after: "cluster",
    cleanedLater: true,
    inject: async ({ pid }) => process.kill(pid, "SIGKILL"),
  },
  {
    name: "node-killed",
    sentence: "the node of the API server is killed",
    ends: exitCodes.environment,
    cause: /did not get through|no answer from the API/,
    inject: (scene) => firstNode(scene, "kill"),
  },
  {
    name: "engine-killed",
    sentence: "vmesh's own Docker engine gets SIGKILL, which its containers outlive",
    // The checks do not notice, and the teardown brings the engine back.
    ends: exitCodes.conformant,
    cause: /verdict: conformant/,
    inject: (scene) => endEngine(scene, "SIGKILL"),
  },
  {
    name: "engine-stopped",
    sentence: "vmesh's own Docker engine gets SIGTERM, and stops its containers",
    ends: exitCodes.environment,
    cause: /did not get through|no answer from the API/,
    inject: (scene) => endEngine(scene, "SIGTERM"),
  },
];

/** Writes until nothing more fits. */
async function fill(path: string): Promise<void> {
  await using file = await open(path, "w");
  try {
    for (;;) await file.write(Buffer.alloc(16_384, 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

/** The user's own engine is nobody's to kill. */
async function endEngine({ clusterId, stateDir }: RunningRun, signal: NodeJS.Signals): Promise<void> {
  const paths = enginePaths(cacheFolder());
  const engine = await readDaemon(paths.pidFile);
  if ((await notedEngine(stateDir)) === paths.socket && engine) process.kill(engine.pid, signal);
  else throw environmentError(`Cluster ${clusterId} is in an engine that vmesh has not started.`);
}

/** The lab has each node in a container. */
async function firstNode(
  { clusterId, stateDir }: Pick<RunningRun, "clusterId" | "stateDir">,
  action: string,
): Promise<void> {
  const socket = await notedEngine(stateDir);
  if (socket === undefined) throw environmentError(`Cluster ${clusterId} is not in an engine.`);
  await docker(socket, `/containers/${clusterId}-node-1/${action}`, { method: "POST" });
}
