import { fileURLToPath } from "node:url";
import { loadCatalog } from "../lib/catalog.ts";
import { type Flags, loadConfig } from "../lib/config.ts";
import { createLog } from "../lib/log.ts";
import { conformance } from "./conformance.ts";
import { countsLine } from "./console.ts";
import { withInterrupts } from "./interrupts.ts";
import { existingLab, newLab, newSeed } from "./prepare.ts";
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
  const log = createLog({ verbose });
  const config = await loadConfig(flags, file);
  const { lab, file: existing } = config.cluster
    ? await existingLab(config, config.cluster, log)
    : { lab: await newLab(config, log), file: undefined };
  const checks = select(await loadCatalog(), config);
  const report = await withInterrupts(log, (signal) => conformance({ lab, existing, checks, suites, seed, signal }));
  if (existing === undefined && lab.keep && lab.environment) {
    log.info(`cluster ${lab.clusterId} is kept: \`scripts/vmesh run --cluster current\`, then \`scripts/vmesh down\``);
  }
  process.stdout.write(`${countsLine(report)}\n`);
  return report.exitCode;
}
