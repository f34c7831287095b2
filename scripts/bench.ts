import { join } from "node:path";
import { describeError, exitCodes, usageError } from "../lib/errors.ts";
import { createLog } from "../lib/log.ts";
import { writeWhole } from "../reports/write.ts";
import { budgets, emptyFigures, type FigureName, figuresTable } from "./bench-figures.ts";
import { measureReports, reportFigures } from "./bench-reports.ts";
import { measureCold, measureScenarios, measureSuites, measureVmi } from "./bench-measures.ts";
import { parseOptions, runProgram } from "./program.ts";
import { callProgram, openFolder, type ProcessOptions, withCluster } from "./vmesh-process.ts";

// Called by scripts/bench: every budget of the project, measured one after the other on an otherwise idle machine.

const usage = `Usage: scripts/bench [--cold | --reports] [--cluster current|FILE] [--runs COUNT] [--out FOLDER]
Without --cluster the one that is up is used, or one is started, which is measured, and removed.
--cold     also a run with an empty cache, which builds everything
--reports  only size and time of reports, which take no cluster
--runs     how often each is measured (1); the table shows medians
--out      folder; each call makes one of its own inside, for the runs and bench.json (reports/out/bench)
Exit code 1 if something could not be measured; a figure over its budget is only told.
`;
const log = createLog();
await runProgram({ usage, log, read: readArguments, work: bench });

type Options = Exclude<ReturnType<typeof readArguments>, "help">;

async function bench({ cold, reports, cluster, runs, ...where }: Options, signal: AbortSignal): Promise<number> {
  const out = await openFolder(where.out);
  const options: ProcessOptions = { outputFile: join(out, "output.log"), accept: [exitCodes.conformant], signal };
  const figures = emptyFigures();
  /** Takes samples. That it cannot is told in the table and leaves the other figures. */
  const measure = async (names: readonly FigureName[], work: () => Promise<Partial<Record<FigureName, number>>>) => {
    try {
      const samples = await work();
      for (const name of names) {
        const sample = samples[name];
        if (sample === undefined) continue;
        figures[name].samples.push(sample);
        log.info(`${budgets[name].what}: ${sample.toFixed(1)} ${budgets[name].unit}`);
      }
    } catch (error) {
      if (signal.aborted) throw error;
      for (const name of names) figures[name].problem = describeError(error);
      log.warn(describeError(error));
    }
  };

  const measureOfReports = async () => {
    const samples = await measureReports(join(out, "reports"));
    for (const { name, leftOut } of samples) if (leftOut !== undefined) figures[name].leftOut = leftOut;
    return Object.fromEntries(samples.flatMap(({ name, sample }) => (sample === undefined ? [] : [[name, sample]])));
  };

  log.info(`output of what is measured: ${options.outputFile}`);
  if (!cold) for (const name of ["cold", "coldAfterBuild"] as const) figures[name].leftOut = "only with `--cold`";
  for (let round = 0; round < runs; round += 1) {
    await measure(reportFigures, measureOfReports);
    if (reports) continue;
    await measure(["tests"], async () => ({ tests: await callProgram("test", ["--no-lab"], options) }));
    await measure(["up"], () =>
      withCluster(cluster, options, async (file, up) => {
        await measure(["scenarios"], () => measureScenarios(file, join(out, "scenarios"), options));
        await measure(["suites", "memory"], () => measureSuites(file, join(out, "warm"), options));
        await measure(["vmiReady", "vmiAnswer"], () => measureVmi(file, signal));
        if (up !== undefined) return { up };
        figures.up.leftOut = "a cluster was up already";
        return {};
      }),
    );
    if (cold) await measure(["cold", "coldAfterBuild"], () => measureCold(join(out, "cold"), options));
  }

  const all = Object.values(figures).filter(({ name }) => !reports || reportFigures.includes(name));
  await writeWhole(join(out, "bench.json"), `${JSON.stringify(all, null, 2)}\n`);
  process.stdout.write(`${figuresTable(all)}\n`);
  return all.some(({ problem }) => problem !== undefined) ? exitCodes.failed : exitCodes.conformant;
}

function readArguments() {
  const { values } = parseOptions(
    {
      options: {
        cold: { type: "boolean", default: false },
        reports: { type: "boolean", default: false },
        cluster: { type: "string" },
        runs: { type: "string", default: "1" },
        out: { type: "string", default: "reports/out/bench" },
        help: { type: "boolean", default: false },
      },
    },
    usage,
  );
  if (values.help) return "help";
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw usageError(`The value \`${values.runs}\` of --runs is no count.`);
  const { cold, reports, cluster, out } = values;
  if (reports && (cold || cluster !== undefined)) throw usageError("`--reports` takes no cluster and builds nothing.");
  return { cold, reports, cluster, runs, out };
}
