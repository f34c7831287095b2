import type { Config } from "../lib/config.ts";

/** The command that repeats a run; `existing` is the environment file it used if it did not start a cluster. */
export function reproduceLine(config: Config, seed: number, existing?: string): string {
  const { provider, nodes, profile, suite, check, tag, feature, shard = [] } = config;
  const { versions = [], artifacts = [] } = config;
  const fresh = { provider, nodes, versions, artifacts };
  const where = existing === undefined ? fresh : { cluster: config.cluster ?? existing };
  const selection = { profile, suite, check, tag, feature, shard };
  const words = Object.entries({ ...where, ...selection }).flatMap(([name, values]) =>
    [values].flat().map((value) => `--${name} ${quoted(String(value))}`),
  );
  return ["scripts/vmesh run", ...words, ...howOften(config), `--seed ${seed}`].join(" ");
}

/** What changes the verdict or the order beside selection and seed. */
function howOften({ repeat, retry, untilFailure, failOnFlaky, requireAll, shuffle }: Config): string[] {
  return [
    repeat === undefined ? "" : `--repeat ${repeat}`,
    untilFailure ? "--until-failure" : "",
    retry === 0 ? "" : `--retry ${retry}`,
    failOnFlaky ? "--fail-on-flaky" : "",
    requireAll ? "--require-all" : "",
    shuffle ? "" : "--no-shuffle",
  ].filter((word) => word !== "");
}

/** A word as a shell takes it for one. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
