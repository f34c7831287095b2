import type { Config } from "../lib/config.ts";

/** Files that a run was given. */
interface Given {
  /** The environment file, if it did not start a cluster. */
  existing?: string | undefined;
  /** The configuration in the place of `vmesh.yaml`. */
  configFile?: string | undefined;
}

/** The command that repeats a run. */
export function reproduceLine(config: Config, seed: number, { existing, configFile }: Given = {}): string {
  const { versions, artifacts, install, as, profile, suite, check, tag, feature, shard } = config;
  const where = existing === undefined ? newCluster(config) : { cluster: config.cluster ?? existing };
  const what = { versions, artifacts, install, as, profile, suite, check, tag, feature, shard };
  const words = Object.entries<unknown>({ config: configFile, ...where, ...what }).flatMap(([name, values]) =>
    [values ?? []].flat().map((value) => `--${name} ${quoted(String(value))}`),
  );
  return ["scripts/vmesh run", ...words, ...howOften(config), `--seed ${seed}`].join(" ");
}

/** How the cluster was got: one that was there is named by its kubeconfig, if that was. */
function newCluster({ provider, nodes, settings }: Config): Record<string, unknown> {
  if (provider !== "kubeconfig") return { provider, nodes };
  return { cluster: settings[provider]?.["kubeconfig"] ?? provider };
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
