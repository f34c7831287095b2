import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { docker } from "../../clusters/lab/docker.ts";
import { loadState } from "../../clusters/lab/state.ts";
import { run } from "../../lib/command.ts";
import { environmentError, exitCodes } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";
import type { Fault, FaultScene } from "./fault.ts";

/** What a run stands on: its disk, the API server, a node. */
export const groundFaults: readonly Fault[] = [
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
  {
    name: "node-killed",
    sentence: "the node of the API server is killed",
    ends: exitCodes.environment,
    cause: /did not get through|no answer from the API/,
    ruins: true,
    inject: (scene) => firstNode(scene, "kill"),
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

/** The lab has each node in a container of that name. */
async function firstNode({ environment, stateDir }: Omit<FaultScene, "pid">, action: string): Promise<void> {
  const { state } = await loadState(stateDir);
  const { clusterId, nodes } = environment;
  const [node] = nodes;
  if (!node) throw environmentError("The cluster has no node.");
  await docker(state.socket, `/containers/${clusterId}-${node.name}/${action}`, { method: "POST" });
}
