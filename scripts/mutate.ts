import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { loadCatalog } from "../lib/catalog.ts";
import { loadEnvironment, saveEnvironment } from "../lib/environment.ts";
import { describeError, environmentError, exitCodeOf, exitCodes, usageError } from "../lib/errors.ts";
import { connect } from "../lib/kube.ts";
import { createLog } from "../lib/log.ts";
import type { CaseReport } from "../reports/model.ts";
import { writeWhole } from "../reports/write.ts";
import { withInterrupts } from "./interrupts.ts";
import { closing, faultsOf, judge, matrix, type MutationResult } from "./mutation-verdicts.ts";
import { type Mutation, mutations } from "./mutations.ts";
import { demandKnown } from "./select.ts";
import { callProgram, latestReport, openFolder, withCluster } from "./vmesh-process.ts";

// Called by scripts/mutate: all checks on an unchanged cluster, then under every mutation.

const usage = `Usage: scripts/mutate [NAME…] [--cluster current|FILE] [--time-scale FACTOR] [--out FOLDER]
Without --cluster the one that is up is used, or one is started and removed.
--time-scale  factor on what checks wait for, so that red ones end sooner (0.75)
--out         folder; each call makes one of its own inside, for the runs and mutations.json (reports/out/mutate)
Mutations:
${mutations.map(({ name, sentence }) => `  ${name.padEnd(30)}${sentence}`).join("\n")}
`;
const log = createLog();
process.exit(await main());

async function main(): Promise<number> {
  try {
    const options = readArguments();
    if (options === "help") {
      process.stdout.write(usage);
      return exitCodes.conformant;
    }
    return await withInterrupts(log, (signal) => mutate(options, signal));
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    return exitCodeOf(error);
  }
}

type Options = Exclude<ReturnType<typeof readArguments>, "help">;

async function mutate({ chosen, cluster, timeScale, ...where }: Options, signal: AbortSignal): Promise<number> {
  const out = await openFolder(where.out);
  const outputFile = join(out, "output.log");
  log.info(`output of the runs: ${outputFile}`);
  return withCluster(cluster, { outputFile, signal }, async (file) => {
    const environment = await loadEnvironment(file);
    const kube = connect(environment.kubeconfig);
    const hasty = join(dirname(file), "environment.mutate.json");
    await saveEnvironment(hasty, { ...environment, timeScale: environment.timeScale * timeScale });
    const runAll = async (name: string) => {
      const args = ["run", "--cluster", hasty, "--profile", "extended", "--out", join(out, name)];
      const accept = [exitCodes.conformant, exitCodes.failed, exitCodes.environment];
      const seconds = await callProgram("vmesh", args, { outputFile, accept, signal });
      return { cases: await casesOf(join(out, name)), seconds };
    };
    try {
      const demanded = await proveGreen(() => runAll("unmutated"), chosen);
      const results: MutationResult[] = [];
      for (const mutation of chosen) {
        const { name, sentence } = mutation;
        const { cases, seconds } = await under(mutation, { kube, signal }, () => runAll(name));
        const verdicts = judge(mutation, cases);
        results.push({ name, sentence, seconds, verdicts });
        const told = verdicts.filter(({ fate }) => fate !== "untouched" && fate !== "skipped");
        const fates = told.map(({ check, fate }) => `${fate} ${check}`).join(", ");
        log.info(`${results.length}/${chosen.length} ${name}: ${fates || "nothing"} (${seconds.toFixed(0)} s)`);
      }
      return await tell(results, faultsOf(results, demanded), out);
    } finally {
      await rm(hasty, { force: true });
    }
  });
}

/** Does the work on the mutated cluster and restores it whatever came of the work, whose error wins. */
async function under<T>(
  mutation: Mutation,
  scene: Parameters<Mutation["start"]>[0],
  work: () => Promise<T>,
): Promise<T> {
  const stop = await mutation.start(scene);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await stop().catch((also: unknown) => log.warn(`\`${mutation.name}\` is not undone: ${describeError(also)}`));
    throw error;
  }
  try {
    await stop();
  } catch (cause) {
    throw environmentError(`The mutation \`${mutation.name}\` did not work or is not undone.`, { cause });
  }
  return result;
}

/** Runs all checks unmutated; returns those that ran and that a chosen mutation, or any if all are chosen, must kill. */
async function proveGreen(
  runAll: () => Promise<{ cases: readonly CaseReport[]; seconds: number }>,
  chosen: readonly Mutation[],
): Promise<string[]> {
  const known = (await loadCatalog()).map(({ id }) => id);
  const { cases, seconds } = await runAll();
  const bad = known.filter((id) => !cases.some((one) => one.id === id && ["passed", "skipped"].includes(one.outcome)));
  if (bad.length > 0) {
    const messages = cases.filter(({ id }) => bad.includes(id)).map(({ id, failure }) => `${id}: ${failure?.message}`);
    throw environmentError(
      `Without a mutation ${bad.length} of ${known.length} checks are not green: ${bad.join(", ")}.`,
      {
        evidence: messages.join("\n"),
      },
    );
  }
  const ran = cases.filter(({ outcome }) => outcome === "passed").map(({ id }) => id);
  const skipped = known.length - ran.length;
  log.info(`unmutated: ${ran.length} checks are green, ${skipped} are skipped (${seconds.toFixed(0)} s)`);
  if (chosen.length === mutations.length) return ran;
  return ran.filter((id) => chosen.some(({ kills }) => id in kills));
}

/** The checks of a run, which must have got as far as running them. */
async function casesOf(out: string): Promise<readonly CaseReport[]> {
  const { cases, stages } = await latestReport(out);
  const broken = stages.find(({ outcome }) => outcome !== "passed");
  if (broken === undefined) return cases;
  throw environmentError(`The stage \`${broken.title}\` of the run ended as ${broken.outcome}.`, {
    evidence: broken.error?.message ?? "",
  });
}

async function tell(results: readonly MutationResult[], faults: readonly string[], out: string): Promise<number> {
  const path = join(out, "mutations.json");
  await writeWhole(path, `${JSON.stringify({ results, faults }, null, 2)}\n`);
  process.stdout.write(`${matrix(results)}\n\n${closing(results, faults)}\n`);
  log.info(`as JSON: ${path}`);
  return faults.length === 0 ? exitCodes.conformant : exitCodes.failed;
}

function readArguments() {
  const { values, positionals } = parse();
  if (values.help) return "help";
  demandKnown(
    "mutation",
    positionals,
    mutations.map(({ name }) => name),
  );
  const timeScale = Number(values["time-scale"]);
  if (!(timeScale > 0)) throw usageError(`The value \`${values["time-scale"]}\` of --time-scale is not above 0.`);
  const chosen = mutations.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  return { chosen, cluster: values.cluster, timeScale, out: values.out };
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        cluster: { type: "string" },
        "time-scale": { type: "string", default: "0.75" },
        out: { type: "string", default: "reports/out/mutate" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (cause) {
    throw usageError(`${(cause as Error).message}\n${usage}`);
  }
}
