import { allFacts, type Fact } from "./facts.ts";
import type { RunReport } from "./model.ts";

/** A fact that is another one on the other side; absent where that side does not have it. */
export interface FactChange {
  name: string;
  before?: string | undefined;
  after?: string | undefined;
}

/** What the two sides were made with that differs. */
export function diffFacts(before: readonly RunReport[], after: readonly RunReport[]): FactChange[] {
  const sides = [joined(before), joined(after)] as const;
  const names = new Set(sides.flatMap((side) => [...side.keys()]));
  return [...names].flatMap((name) => {
    const [old, now] = sides.map((side) => side.get(name));
    if (old?.value === now?.value) return [];
    return { name, before: inWords(old), after: inWords(now) };
  });
}

/** The facts of several runs as one, all values of each. */
function joined(runs: readonly RunReport[]): Map<string, Fact> {
  const all = Map.groupBy(runs.flatMap(allFacts), ({ name }) => name);
  return new Map(
    [...all].map(([name, facts]) => {
      const value = [...new Set(facts.map((fact) => fact.value))].join(" or ");
      return [name, { name, value, detail: facts.find(({ detail }) => detail !== undefined)?.detail }];
    }),
  );
}

function inWords(fact: Fact | undefined): string | undefined {
  return fact?.detail === undefined ? fact?.value : `${fact.value}: ${fact.detail}`;
}
