import { join } from "node:path";
import { loadEnvironment } from "../lib/environment.ts";
import { environmentError, exitCodes } from "../lib/errors.ts";
import { connect } from "../lib/kube.ts";
import { createLog } from "../lib/log.ts";
import { withPlanted } from "./canary-scene.ts";
import { bytesBelow, searchFor } from "./canary-search.ts";
import { type CanaryScene, realSecrets } from "./canary-sources.ts";
import { resolveCluster } from "./cluster-state.ts";
import { parseOptions, runProgram } from "./program.ts";

// Takes the secrets of a real cluster, and some that it plants, and searches every byte of a run's folder for them.

const usage = `Usage: node scripts/canary.ts [--cluster current|FILE] [--run FOLDER] [--no-plant]
Searches the reports and the evidence of a run for every secret of the cluster: values of Secrets, tokens of pods, what
the harness gets in with, user-data of the guests, keys and tokens on machines.
--cluster   the one that is up (current)
--run       the folder of the run (reports/out/latest)
--no-plant  plant nothing; otherwise values are planted where secrets live, and evidence is collected of them into the
            folder first, as of a red check
Exit code 1 if there is one, with the file and which secret it is.
`;
const log = createLog();
await runProgram({ usage, log, read: readArguments, work: search });

type Options = Exclude<ReturnType<typeof readArguments>, "help">;

async function search({ cluster, run, plant }: Options, signal: AbortSignal): Promise<number> {
  const environment = await loadEnvironment(await resolveCluster(cluster));
  const scene: CanaryScene = { kube: connect(environment.kubeconfig), environment, signal };
  const look = () => realSecrets(scene);
  const { planted, result: found } = plant
    ? await withPlanted(scene, join(run, "diagnostics", "canary"), look)
    : { planted: [], result: await look() };
  for (const [place, { length }] of Object.entries(found)) {
    if (length > 0) log.info(`${place}: ${length}`);
    else log.warn(`${place}: none could be read`);
  }
  const canaries = [...planted, ...Object.values(found).flat()];
  if (canaries.length === 0) {
    throw environmentError("There is no secret to search for, so a search proves nothing.");
  }
  const finds = await searchFor(canaries, run);
  for (const { file, name } of finds) process.stdout.write(`${file} holds a secret: ${name}\n`);
  const megabytes = ((await bytesBelow(run)) / 1e6).toFixed(1);
  process.stdout.write(`${canaries.length} secrets, ${megabytes} MB searched, ${finds.length} found\n`);
  return finds.length === 0 ? exitCodes.conformant : exitCodes.failed;
}

function readArguments() {
  const options = {
    cluster: { type: "string", default: "current" },
    run: { type: "string", default: "reports/out/latest" },
    "no-plant": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
  const { values } = parseOptions({ options }, usage);
  if (values.help) return "help";
  return { cluster: values.cluster, run: values.run, plant: !values["no-plant"] };
}
