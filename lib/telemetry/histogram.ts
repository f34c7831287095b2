import type { Series } from "./prometheus.ts";

/** What a histogram of Prometheus tells. */
export interface Histogram {
  count: number;
  /** NaN while there is nothing in it. */
  mean: number;
  /** How many observations were at most so much, in ascending order; the last bound is infinity. */
  buckets: readonly { atMost: number; count: number }[];
}

/**
 * Makes a histogram of its buckets and of the sums of its values and observations. Throws what is wrong with it: none is
 * there, a bucket holds fewer than one below it, or the last bucket does not hold all.
 */
export function histogramOf(buckets: readonly Series[], sum: number, count: number): Histogram {
  const sorted = buckets
    .map(({ labels, value }) => ({ atMost: boundOf(labels["le"]), count: value }))
    .toSorted((a, b) => a.atMost - b.atMost);
  const last = sorted.at(-1);
  if (!last) throw new Error("there is no histogram");
  if (last.atMost !== Number.POSITIVE_INFINITY || last.count !== count) {
    throw new Error(`its last bucket is ${last.count} of at most ${last.atMost}, expected all ${count}`);
  }
  const fallen = sorted.find((bucket, index) => bucket.count < (sorted[index - 1]?.count ?? 0));
  if (fallen) throw new Error(`its bucket of at most ${fallen.atMost} holds fewer than the one below it`);
  return { count, mean: sum / count, buckets: sorted };
}

/** How many of the observations were at most `limit`: the count of the first bucket that reaches so far. */
export function countUpTo({ buckets, count }: Histogram, limit: number): number {
  return buckets.find(({ atMost }) => atMost >= limit)?.count ?? count;
}

function boundOf(le: string | undefined): number {
  return le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le);
}
