import { type Flags, loadConfig } from "../lib/config.ts";
import { exitCodes } from "../lib/errors.ts";
import { findingsInWords } from "./bring-up.ts";
import { cacheFolder } from "./cluster-state.ts";
import { providerOf } from "./prepare.ts";

/** `doctor`: every prerequisite of the provider at once; changes nothing. Returns the exit code. */
export async function doctor({ config: file, json, ...flags }: Flags): Promise<number> {
  const config = await loadConfig(flags, file as string | undefined);
  const provider = await providerOf(config);
  const settings = config.settings[provider.name] ?? {};
  const findings = await provider.doctor({ nodes: config.nodes, settings, cacheDir: cacheFolder() });
  const text = json ? JSON.stringify({ provider: provider.name, findings }, null, 2) : findingsInWords(findings);
  process.stdout.write(`${text}\n`);
  return findings.every((finding) => finding.ok) ? exitCodes.conformant : exitCodes.environment;
}
