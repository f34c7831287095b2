import { realpath } from "node:fs/promises";
import { loadConfig } from "../lib/config.ts";
import { exitCodes, usageError } from "../lib/errors.ts";
import { createLog } from "../lib/log.ts";
import { createOptions, type Lab } from "./bring-up.ts";
import { removeState, stateFolder } from "./cluster-state.ts";
import { existingLab } from "./prepare.ts";

/** `down`: removes a kept cluster and its folder. Returns the exit code. */
export async function down({ cluster, config: file }: { cluster: string; config?: string }): Promise<number> {
  const log = createLog();
  const { lab } = await existingLab(await loadConfig({}, file), cluster, log);
  await demandOwnFolder(lab);
  const started = await lab.provider.attach(createOptions(lab));
  await started.dispose();
  await removeState(lab.stateDir);
  log.info(`cluster ${lab.clusterId} is down`);
  return exitCodes.conformant;
}

/** The folder is removed with all that is in it, so it has to be the one that vmesh made for this cluster. */
async function demandOwnFolder({ clusterId, stateDir }: Lab): Promise<void> {
  const own = stateFolder(clusterId);
  const [given, expected] = await Promise.all([stateDir, own].map((path) => realpath(path).catch(() => path)));
  if (given === expected) return;
  throw usageError(`The environment file is in \`${stateDir}\`, expected in the cluster's own folder \`${own}\`.`, {
    hint: "name the file that `up` wrote; VMESH_CACHE has to be as it was then",
  });
}
