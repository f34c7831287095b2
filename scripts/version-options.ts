import { demandVersionSet } from "../clusters/version-set.ts";
import type { Config } from "../lib/config.ts";
import { usageError } from "../lib/errors.ts";

/** The name of the set that a configuration means. Throws a usage error with the known names for one that is none. */
export function versionSetOf({ versions, provider }: Pick<Config, "versions" | "provider">): string {
  const name = versions ?? (provider === "lab" ? "lab" : "current");
  demandVersionSet(name);
  return name;
}

/** What a provider is told about versions, mirror and settings: its own section, with the flags that belong there. */
export function providerOptions(config: Config) {
  const { provider, mirror, offline, artifacts, install, as } = config;
  const section = config.settings[provider] ?? {};
  if (artifacts !== undefined && provider !== "lab") {
    throw usageError(`\`--artifacts ${artifacts}\` is about the lab, and the provider is \`${provider}\`.`);
  }
  const borrowed = { ...(install !== undefined && { install }), ...(as !== undefined && { as }) };
  const [flag] = Object.keys(borrowed);
  if (flag !== undefined && provider !== "kubeconfig") {
    throw usageError(`\`--${flag}\` is about a cluster that is there, and the provider is \`${provider}\`.`, {
      hint: "add `--cluster kubeconfig`",
    });
  }
  const settings = { ...section, ...(artifacts !== undefined && { artifacts }), ...borrowed };
  return { settings, versions: versionSetOf(config), mirror, offline };
}
