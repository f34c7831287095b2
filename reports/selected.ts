import { strayPrefix } from "./incidents.ts";
import type { RunReport } from "./model.ts";

/**
 * Which part of its profile a run was asked for: `43 of 121 checks, as selected`. `undefined` if that was all of it, or if
 * the report does not tell how many there are.
 */
export function selectedInWords({
  catalog,
  selection,
  cases,
}: Pick<RunReport, "catalog" | "selection" | "cases">): string | undefined {
  if (!catalog) return undefined;
  const all = selection["profile"]?.[0] === "core" ? catalog.core : catalog.core + catalog.extended;
  const ids = cases.map(({ id }) => id).filter((id) => !id.startsWith(strayPrefix));
  // A file's second test or what broke around its tests is no further check.
  const selected = new Set(ids.map((id) => id.split("#")[0])).size;
  return selected < all ? `${selected} of ${all} checks, as selected` : undefined;
}
