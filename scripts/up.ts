import { type Flags, loadConfig } from "../lib/config.ts";
import { runPipeline, type Stage } from "../lib/pipeline.ts";
import { exitCodes, usageError } from "../lib/errors.ts";
import { failureOf } from "../reports/failure.ts";
import { fillCluster, type Lab, startCluster } from "./bring-up.ts";
import { clusterThatIsUp, environmentFile } from "./cluster-state.ts";
import { openConsole } from "./console.ts";
import { withInterrupts } from "./interrupts.ts";
import { newLab } from "./prepare.ts";

/** Comes last, so that a cluster is kept only once everything is on it. */
const hold: Stage<Lab> = {
  title: "hold",
  async setup(lab) {
    lab.keep = true;
  },
};

/** `up`: a cluster with every component that stays, one at a time. Returns the exit code. */
export async function up({ config: file, verbose = false, ...flags }: Flags): Promise<number> {
  const console = openConsole({ verbose: verbose === true });
  const { log } = console;
  const config = await loadConfig(flags, file as string | undefined);
  const lab = await newLab({ ...config, keep: false }, log);
  await demandNoneUp();
  const { outcome } = await withInterrupts(log, (signal) =>
    runPipeline([...startCluster, fillCluster, hold], lab, {
      signal,
      onBegin: console.stageBegan,
      onStage: ({ error, ...stage }) =>
        console.stageEnded({ ...stage, error: error === undefined ? undefined : failureOf(error) }),
    }),
  );
  console.close();
  if (outcome === "failed") return exitCodes.environment;
  if (outcome !== "passed") return exitCodes.interrupted;
  log.info(`cluster ${lab.clusterId} is up: \`scripts/vmesh run --cluster current\`, then \`scripts/vmesh down\``);
  log.info(`environment: ${environmentFile(lab.stateDir)}`);
  return exitCodes.conformant;
}

/** A second one would take the name `current` from the first, which then nothing removes. */
async function demandNoneUp(): Promise<void> {
  const current = await clusterThatIsUp();
  if (current === undefined) return;
  throw usageError(`Cluster \`${current}\` is up already, expected none.`, {
    hint: "remove it with `scripts/vmesh down` first, or use it with `scripts/vmesh run --cluster current`",
  });
}
