import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { loadCatalog } from "../lib/catalog.ts";
import { loadEnvironment, saveEnvironment } from "../lib/environment.ts";
import { describeError, environmentError, exitCodes, usageError } from "../lib/errors.ts";
import { connect } from "../lib/kube.ts";
import { createLog } from "../lib/log.ts";
import type { CaseReport } from "../reports/model.ts";
import { writeWhole } from "../reports/write.ts";
import { parseOptions, runProgram } from "./program.ts";
import { createLookout } from "./lookout.ts";
import { byTargets, passesOf } from "./mutation-passes.ts";
import { closing, faultsOf, judge, type PassResult, table } from "./mutation-verdicts.ts";
import { mutations } from "./mutations.ts";
import type { Mutation } from "./mutations/mutation.ts";
import type { Scene } from "./mutators.ts";
import { demandKnown } from "./select.ts";
import { callProgram, latestReport, openFolder, withCluster } from "./vmesh-process.ts";

// Called by scripts/mutate: all checks on an unchanged cluster, then under every mutation, several in a pass.

const longest = Math.max(...mutations.map(({ name }) => name.length));
const usage = `Usage: scripts/mutate [NAME…] [--cluster current|FILE] [--only] [--time-scale FACTOR] [--out FOLDER]
Without --cluster the one that is up is used, or one is started and removed.
--only        run nothing but the checks that the mutations declare: quick, and silent about all others
--time-scale  factor on what checks wait for, so that red ones end sooner (0.75)
--out         folder; each call makes one of its own inside, for the runs and mutations.json (reports/out/mutate)
Mutations:
${mutations.map(({ name, sentence }) => `  ${name.padEnd(longest)}  ${sentence}`).join("\n")}
`;
const log = createLog();
await runProgram({ usage, log, read: readArguments, work: mutate });

type Options = Exclude<ReturnType<typeof readArguments>, "help">;

async function mutate({ chosen, cluster, only, timeScale, ...where }: Options, signal: AbortSignal): Promise<number> {
  const out = await openFolder(where.out);
  const outputFile = join(out, "output.log");
  log.info(`output of the runs: ${outputFile}`);
  return withCluster(cluster, { outputFile, signal }, async (file) => {
    const environment = await loadEnvironment(file);
    const kube = connect(environment.kubeconfig);
    const hasty = join(dirname(file), `environment.mutate-${process.pid}.json`);
    await saveEnvironment(hasty, { ...environment, timeScale: environment.timeScale * timeScale });
    const known = (await loadCatalog()).map(({ id }) => id);
    const run = async (name: string, declared: readonly Mutation[]) => {
      const checks = known.filter((id) => !only || declared.some(({ kills }) => id in kills));
      const selection = only ? checks.flatMap((id) => ["--check", id]) : [];
      const args = ["run", "--cluster", hasty, "--profile", "extended", ...selection, "--out", join(out, name)];
      const accept = [exitCodes.conformant, exitCodes.failed, exitCodes.environment];
      const seconds = await callProgram("vmesh", args, { outputFile, accept, signal });
      return { cases: await casesOf(join(out, name)), seconds };
    };
    try {
      const { demanded, ran } = await proveGreen(() => run("unmutated", chosen), chosen, only);
      const { some, none } = byTargets(chosen, ran);
      if (none.length > 0) {
        log.info(
          `left out, as all checks that they declare are skipped here: ${none.map(({ name }) => name).join(", ")}`,
        );
      }
      const passes = passesOf(some);
      const results: PassResult[] = [];
      for (const [index, pass] of passes.entries()) {
        const name = `pass-${index + 1}`;
        log.info(`${name} of ${passes.length}: ${pass.map((mutation) => mutation.name).join(", ")}`);
        const { cases, seconds } = await under(pass, { kube, signal, lookout: createLookout(kube) }, () =>
          run(name, pass),
        );
        const result = { mutations: pass, seconds, verdicts: judge(pass, cases) };
        results.push(result);
        log.info(table([result]));
      }
      return await tell(results, faultsOf(results, demanded), out);
    } finally {
      await rm(hasty, { force: true });
    }
  });
}

/** Does the work on the cluster with all these mutations and restores it whatever came of the work, whose error wins. */
async function under<T>(
  [mutation, ...others]: readonly Mutation[],
  scene: Omit<Scene, "targets">,
  work: () => Promise<T>,
): Promise<T> {
  if (!mutation) return work();
  const stop = await mutation.start({ ...scene, targets: Object.keys(mutation.kills) });
  let result: T;
  try {
    result = await under(others, scene, work);
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

/** Runs all checks unmutated; returns those that ran, and of them those that a chosen mutation, or any if all are chosen, must kill. */
async function proveGreen(
  runAll: () => Promise<{ cases: readonly CaseReport[]; seconds: number }>,
  chosen: readonly Mutation[],
  only: boolean,
): Promise<{ ran: string[]; demanded: string[] }> {
  const declared = (id: string) => chosen.some(({ kills }) => id in kills);
  const known = (await loadCatalog()).map(({ id }) => id).filter((id) => !only || declared(id));
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
  return { ran, demanded: chosen.length === mutations.length ? ran : ran.filter(declared) };
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

async function tell(results: readonly PassResult[], faults: readonly string[], out: string): Promise<number> {
  const path = join(out, "mutations.json");
  await writeWhole(path, `${JSON.stringify({ results, faults }, null, 2)}\n`);
  process.stdout.write(`${table(results)}\n\n${closing(results, faults)}\n`);
  log.info(`as JSON: ${path}`);
  return faults.length === 0 ? exitCodes.conformant : exitCodes.failed;
}

function readArguments() {
  const { values, positionals } = parseOptions(
    {
      allowPositionals: true,
      options: {
        cluster: { type: "string" },
        only: { type: "boolean", default: false },
        "time-scale": { type: "string", default: "0.75" },
        out: { type: "string", default: "reports/out/mutate" },
        help: { type: "boolean", default: false },
      },
    },
    usage,
  );
  if (values.help) return "help";
  demandKnown(
    "mutation",
    positionals,
    mutations.map(({ name }) => name),
  );
  const timeScale = Number(values["time-scale"]);
  if (!(timeScale > 0)) throw usageError(`The value \`${values["time-scale"]}\` of --time-scale is not above 0.`);
  const chosen = mutations.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  return { chosen, cluster: values.cluster, only: values.only, timeScale, out: values.out };
}
