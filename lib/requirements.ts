import type { Capability, Environment } from "./environment.ts";

export type Requirement = { ok: true } | { ok: false; reason: string };

/** Whether the cluster has everything listed; if not, the reasons the cluster's detection gave, all of them. */
export function needs(list: readonly Capability[], environment: Pick<Environment, "capabilities">): Requirement {
  const missing = list.flatMap((capability) => {
    const state = environment.capabilities[capability];
    return state === true ? [] : [`needs \`${capability}\`: ${state ?? "the cluster was not asked for it"}`];
  });
  return missing.length === 0 ? { ok: true } : { ok: false, reason: missing.join("; ") };
}
