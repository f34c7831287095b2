import { quote } from "../lib/shell.ts";
import { strayPrefix } from "./incidents.ts";
import type { RunFacts } from "./model.ts";

/** Flags that say what a run runs, how often and what its verdict is, not where and with what. */
const dropped = new Set(
  [
    "--profile --suite --check --tag --feature --shard --last-failed",
    "--repeat --until-failure --retry --shuffle --no-shuffle",
    "--fail-fast --fail-on-flaky --require-all --pause-on-failure --out",
  ].flatMap((flags) => flags.split(" ")),
);

/**
 * The command that repeats one check of a run in the place where the run was; `id` may be that of a test within it. What
 * belongs to no check is repeated with its run.
 */
export function reproduceCheck({ reproduce }: Pick<RunFacts, "reproduce">, id: string): string {
  if (id.startsWith(strayPrefix)) return reproduce;
  const flags = reproduce.match(/--[a-z-]+(?: (?!--)(?:'[^']*'|\\.|[^\s'\\])+)?/g) ?? [];
  const where = flags.filter((flag) => !dropped.has(flag.split(" ")[0] ?? flag));
  return ["scripts/vmesh run", ...where, "--check", quote(id.split("#")[0] ?? id)].join(" ");
}
