import type { Fact } from "./facts.ts";
import type { RunReport } from "./model.ts";

/**
 * Which facts are not the same in all runs, a line each with the values and who has them. A run that broke need not
 * have got as far as knowing all of them.
 */
export function oddities(
  runs: readonly { name: string; report: RunReport }[],
  factsOf: (report: RunReport) => readonly Fact[],
): string[] {
  const known = runs.map(({ name, report }) => {
    const facts = new Map(factsOf(report).map((fact) => [fact.name, fact.value]));
    return { name, facts, broke: report.verdict === "error" || report.verdict === "interrupted" || !report.finished };
  });
  const names = new Set(known.flatMap(({ facts }) => [...facts.keys()]));
  return [...names].flatMap((fact) => {
    const able = known.filter(({ facts, broke }) => facts.has(fact) || !broke);
    const values = Map.groupBy(able, ({ facts }) => facts.get(fact) ?? "none");
    if (values.size < 2) return [];
    const told = [...values].map(([value, owners]) => `${value} in ${owners.map(({ name }) => name).join(", ")}`);
    return `${fact}: ${told.join("; ")}`;
  });
}
