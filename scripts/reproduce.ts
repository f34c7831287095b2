import type { Config } from "../lib/config.ts";

/** The command that repeats a run; `existing` is the environment file it used if it did not start a cluster. */
export function reproduceLine(config: Config, seed: number, existing?: string): string {
  const { provider, nodes, profile, suite, check, tag, requireAll } = config;
  const where = existing === undefined ? { provider, nodes } : { cluster: config.cluster ?? existing };
  const selection = { profile, suite, check, tag };
  const words = Object.entries({ ...where, ...selection }).flatMap(([name, values]) =>
    [values].flat().map((value) => `--${name} ${quoted(String(value))}`),
  );
  return ["scripts/vmesh run", ...words, ...(requireAll ? ["--require-all"] : []), `--seed ${seed}`].join(" ");
}

/** A word as a shell takes it for one. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
