import { quote } from "../lib/shell.ts";
import { strayPrefix } from "./incidents.ts";
import type { RunFacts } from "./model.ts";

/** Flags that say where a run takes place, not what it runs. */
const kept = ["--provider", "--nodes", "--cluster", "--config", "--seed"];

/**
 * The command that repeats one check of a run in the place where the run was; `id` may be that of a test within it. What
 * belongs to no check is repeated with its run.
 */
export function reproduceCheck({ reproduce }: Pick<RunFacts, "reproduce">, id: string): string {
  if (id.startsWith(strayPrefix)) return reproduce;
  const words = reproduce.match(/(?:'[^']*'|\\.|[^\s'\\])+/g) ?? [];
  const where = words.flatMap((word, index) => (kept.includes(word) ? [word, words[index + 1] ?? ""] : []));
  return ["scripts/vmesh run", ...where, "--check", quote(id.split("#")[0] ?? id)].join(" ");
}
