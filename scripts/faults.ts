import { dirname, join } from "node:path";
import { loadEnvironment } from "../lib/environment.ts";
import { exitCodes } from "../lib/errors.ts";
import { connect } from "../lib/kube.ts";
import { createLog } from "../lib/log.ts";
import { writeWhole } from "../reports/write.ts";
import { groundFaults, ownFaults } from "./fault-injection/ground.ts";
import { meshFaults } from "./fault-injection/mesh.ts";
import { processFaults } from "./fault-injection/processes.ts";
import { type Trial, tryOwnFault, trySharedFault } from "./fault-trial.ts";
import { parseOptions, runProgram } from "./program.ts";
import { demandKnown } from "./select.ts";
import { openFolder, withCluster } from "./vmesh-process.ts";

// Called by scripts/faults: each fault in a run of its own. Most share the cluster that is up; what no cluster outlives
// comes last, in runs that start one.

const sharedFaults = [...processFaults, ...groundFaults, ...meshFaults];
const faults = [...sharedFaults, ...ownFaults];
const usage = `Usage: scripts/faults [NAME…] [--own | --shared] [--cluster current|FILE] [--out FOLDER]
Without --cluster the one that is up is used, or one is started and removed.
--own     only those that no cluster outlives, in runs that start one: on a machine without another
--shared  only the others
${faults.map(({ name, sentence }) => `  ${name.padEnd(32)}${sentence}`).join("\n")}
`;
const log = createLog();
await runProgram({ usage, log, read: readArguments, work: tryAll });

type Options = Exclude<ReturnType<typeof readArguments>, "help">;

async function tryAll({ chosen, cluster, ...where }: Options, signal: AbortSignal): Promise<number> {
  const out = await openFolder(where.out);
  const outputFile = join(out, "output.log");
  log.info(`output of the runs: ${join(out, "*.log")}`);
  const trials: Trial[] = [];
  const note = (trial: Trial) => {
    trials.push(trial);
    for (const problem of trial.problems) log.warn(`${trial.fault}: ${problem}`);
    log.info(row(trial));
  };
  const shared = sharedFaults.filter(({ name }) => chosen.includes(name));
  if (shared.length > 0) {
    await withCluster(cluster, { outputFile, signal }, async (file) => {
      const environment = await loadEnvironment(file);
      const { clusterId, kubeconfig } = environment;
      const scene = { kube: connect(kubeconfig), environment, clusterId, stateDir: dirname(file), signal };
      for (const fault of shared) note(await trySharedFault(fault, scene, file, join(out, fault.name)));
    });
  }
  for (const fault of ownFaults.filter(({ name }) => chosen.includes(name))) {
    note(await tryOwnFault(fault, join(out, fault.name), signal));
  }
  await writeWhole(join(out, "faults.json"), `${JSON.stringify(trials, null, 2)}\n`);
  process.stdout.write(`${table(trials)}\n`);
  return trials.every(({ problems }) => problems.length === 0) ? exitCodes.conformant : exitCodes.failed;
}

function table(trials: readonly Trial[]): string {
  const head = "| fault | report | ended with | seconds | left over | |\n| --- | --- | --- | --- | --- | --- |";
  return [head, ...trials.map(row)].join("\n");
}

function row({ fault, report, end, seconds, leftovers, problems }: Trial): string {
  const cells = [fault, report, end, seconds.toFixed(0), leftovers, problems[0] ?? "as expected"];
  return `| ${cells.join(" | ")} |`;
}

function readArguments() {
  const options = {
    cluster: { type: "string" },
    own: { type: "boolean", default: false },
    shared: { type: "boolean", default: false },
    out: { type: "string", default: "reports/out/faults" },
    help: { type: "boolean", default: false },
  } as const;
  const { values, positionals } = parseOptions({ options, allowPositionals: true }, usage);
  if (values.help) return "help";
  const names = faults.map(({ name }) => name);
  demandKnown("fault", positionals, names);
  const own = ownFaults.map(({ name }) => name);
  const some = values.own ? own : values.shared ? names.filter((name) => !own.includes(name)) : names;
  return { chosen: positionals.length === 0 ? some : positionals, cluster: values.cluster, out: values.out };
}
