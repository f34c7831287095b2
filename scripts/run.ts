import { fileURLToPath } from "node:url";
import { loadCatalog } from "../lib/catalog.ts";
import { type Config, type Flags, loadConfig } from "../lib/config.ts";
import { usageError } from "../lib/errors.ts";
import { selectedInWords } from "../reports/selected.ts";
import { conformance } from "./conformance.ts";
import { countsLine, openConsole } from "./console.ts";
import { lastFailed } from "./last-failed.ts";
import { withInterrupts } from "./interrupts.ts";
import { existingLab, meantCluster, newLab, newSeed } from "./prepare.ts";
import { select } from "./select.ts";

export interface RunFlags extends Flags {
  config?: string;
  seed?: number;
  verbose?: boolean;
}

const suites = {
  config: fileURLToPath(new URL("../suites/vitest.config.ts", import.meta.url)),
  project: "conformance",
};

/** `run`: everything a user may have got wrong is found before anything is started. Returns the exit code. */
export async function run({ config: file, seed = newSeed(), verbose = false, ...flags }: RunFlags): Promise<number> {
  const console = openConsole({ verbose });
  const { log } = console;
  const config = await meantCluster(await chosen(await loadConfig(flags, file)));
  const { lab, file: existing } = config.cluster
    ? await existingLab(config, config.cluster, log)
    : { lab: await newLab(config, log), file: undefined };
  const catalog = await loadCatalog();
  const checks = select(catalog, config);
  log.info(`${checks.length} checks, ${config.shuffle ? `in the order of seed ${seed}` : "in the catalog's order"}`);
  const report = await withInterrupts(log, (signal) =>
    conformance({ lab, console, existing, configFile: file, catalog, checks, suites, seed, signal }),
  ).finally(console.close);
  const part = selectedInWords(report);
  if (part !== undefined) log.info(`this verdict is about ${part}`);
  if (existing === undefined && lab.keep && lab.environment) {
    log.info(`cluster ${lab.clusterId} is kept: \`scripts/vmesh run --cluster current\`, then \`scripts/vmesh down\``);
  }
  process.stdout.write(`${countsLine(report)}\n`);
  return report.exitCode;
}

/** With names for `--last-failed`, so that the report names them. Throws a usage error for what excludes each other. */
async function chosen(config: Config): Promise<Config> {
  if (config.failFast && config.retry > 0) {
    const hint = "leave out one of them";
    throw usageError("`--fail-fast` ends a run at the first red check, which `--retry` would try again.", { hint });
  }
  if (!config.lastFailed) return config;
  if (config.check.length > 0) throw usageError("`--last-failed` and `--check` both name the checks to run.");
  return { ...config, check: await lastFailed(config.out) };
}
