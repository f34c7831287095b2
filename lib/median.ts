/** The middle one; of an even number the mean of the two in the middle. Throws for no samples. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  if (middle.length === 0) throw new TypeError("There is no median of nothing.");
  return middle.reduce((sum, sample) => sum + sample, 0) / middle.length;
}
