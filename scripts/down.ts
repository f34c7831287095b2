import { loadConfig } from "../lib/config.ts";
import { exitCodes } from "../lib/errors.ts";
import { createLog } from "../lib/log.ts";
import { createOptions } from "./bring-up.ts";
import { removeState } from "./cluster-state.ts";
import { existingLab } from "./prepare.ts";

/** `down`: removes a kept cluster and its folder. Returns the exit code. */
export async function down({ cluster, config: file }: { cluster: string; config?: string }): Promise<number> {
  const log = createLog();
  const { lab } = await existingLab(await loadConfig({}, file), cluster, log);
  const started = await lab.provider.attach(createOptions(lab));
  await started.dispose();
  await removeState(lab.stateDir);
  log.info(`cluster ${lab.clusterId} is down`);
  return exitCodes.conformant;
}
