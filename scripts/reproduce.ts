import type { Config } from "../lib/config.ts";

/** The command that repeats a run; `existing` is the environment file it used if it did not start a cluster. */
export function reproduceLine(config: Config, seed: number, existing?: string): string {
  const { profile, suite, check, tag, feature, shard = [] } = config;
  const where = existing === undefined ? newCluster(config) : { cluster: config.cluster ?? existing };
  const selection = { profile, suite, check, tag, feature, shard };
  const words = Object.entries<unknown>({ ...where, ...selection }).flatMap(([name, values]) =>
    [values].flat().map((value) => `--${name} ${quoted(String(value))}`),
  );
  return ["scripts/vmesh run", ...words, ...howOften(config), `--seed ${seed}`].join(" ");
}

/** How the cluster was got: one that was there is named by its kubeconfig, if that was. */
function newCluster(config: Config): Record<string, unknown> {
  const { provider, nodes, settings, versions = [], artifacts = [], install = [], as = [] } = config;
  if (provider !== "kubeconfig") return { provider, nodes, versions, artifacts };
  return { cluster: settings[provider]?.["kubeconfig"] ?? provider, versions, install, as };
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
