import type { Mutation } from "./mutations/mutation.ts";

/**
 * Groups mutations into as few passes as a simple rule gives: in one pass no check is killed by two mutations, so that
 * each red check has one reason. What must be alone has a pass of its own.
 */
export function passesOf(mutations: readonly Mutation[]): Mutation[][] {
  const passes: Mutation[][] = [];
  // Those with the most checks first: they fit into the fewest places.
  const bySize = mutations.toSorted((a, b) => Object.keys(b.kills).length - Object.keys(a.kills).length);
  for (const mutation of bySize) {
    const free = mutation.alone
      ? undefined
      : passes.find((pass) => pass.every((other) => fitTogether(mutation, other)));
    if (free) free.push(mutation);
    else passes.push([mutation]);
  }
  return passes;
}

/** Parts the mutations into those that declare some check that ran, and those that would have nothing to break. */
export function byTargets(
  mutations: readonly Mutation[],
  ran: readonly string[],
): Record<"some" | "none", readonly Mutation[]> {
  const { some = [], none = [] } = Object.groupBy(mutations, ({ kills }) =>
    Object.keys(kills).some((check) => ran.includes(check)) ? "some" : "none",
  );
  return { some, none };
}

function fitTogether(mutation: Mutation, other: Mutation): boolean {
  return !other.alone && Object.keys(mutation.kills).every((check) => !(check in other.kills));
}
