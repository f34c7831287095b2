import { median } from "../lib/median.ts";

/** Samples of one number. */
export interface Spread {
  median: number;
  min: number;
  max: number;
  samples: number;
}

/** How far beyond the earlier spread a number has to lie until it counts as another one. */
export interface Margin {
  /** Part of the spread's nearer end: 0.1 is a tenth. */
  threshold: number;
  /** In the number's own unit, for small numbers of which a tenth is nothing. */
  floor: number;
}

/** Throws for no samples. */
export function spreadOf(samples: readonly number[]): Spread {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const sample of samples) [min, max] = [Math.min(min, sample), Math.max(max, sample)];
  return { median: median(samples), min, max, samples: samples.length };
}

/** Where the later median lies: above or below the whole earlier spread by more than the margin, or neither. */
export function tendencyOf(before: Spread, after: Spread, { threshold, floor }: Margin): "higher" | "lower" | "same" {
  const above = Math.max(Math.abs(before.max) * threshold, floor);
  // Half as much again upwards is a third less downwards: what is higher one way is lower the other way.
  const below = Math.max((Math.abs(before.min) * threshold) / (1 + threshold), floor);
  if (after.median > before.max + above) return "higher";
  return after.median < before.min - below ? "lower" : "same";
}
