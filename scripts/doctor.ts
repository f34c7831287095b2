import { type Flags, loadConfig } from "../lib/config.ts";
import { exitCodes } from "../lib/errors.ts";
import { cacheFolder } from "./cluster-state.ts";
import { doctorReport } from "./doctor-report.ts";
import { doctorText } from "./doctor-words.ts";
import { providerOf } from "./prepare.ts";
import { providerOptions } from "./version-options.ts";

/** `doctor`: every prerequisite of the provider at once; changes nothing. Returns the exit code. */
export async function doctor({ config: file, json, ...flags }: Flags): Promise<number> {
  const config = await loadConfig(flags, file as string | undefined);
  const provider = await providerOf(config);
  const { nodes } = config;
  const options = { nodes, ...providerOptions(config), cacheDir: cacheFolder() };
  const report = doctorReport(provider.name, nodes, await provider.doctor(options));
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : doctorText(report)}\n`);
  return report.ok ? exitCodes.conformant : exitCodes.environment;
}
