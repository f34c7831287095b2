import type { Mutator } from "../mutators.ts";

/** One named way in which the product is broken, and what must come of it. */
export interface Mutation {
  name: string;
  /** What is broken, as one sentence. */
  sentence: string;
  /** The checks that turn red, by id, each with what the message its user reads must match. No other may be red. */
  kills: Readonly<Record<string, RegExp>>;
  start: Mutator;
  /** It cannot be confined to the namespaces of the checks it kills, so no other mutation may be there beside it. */
  alone?: true;
}
