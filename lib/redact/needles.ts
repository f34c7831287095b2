/** Part of a text: from `start` up to `end`. */
export interface Range {
  start: number;
  end: number;
}

/** A place where one of the strings stands, and what is known of it. */
export interface Find<T> extends Range {
  of: T;
}

/**
 * Looks for many strings at once, in a time that grows with the text and not with their number: each begins with a
 * head of `headLength` characters, by which the places are found. Shorter strings are left out. Of the strings that begin at one place the
 * longest is found; places may overlap.
 */
export function needleSearch<T>(
  needles: Iterable<readonly [string, T]>,
  headLength: number,
): (text: string) => Find<T>[] {
  const byHead = new Map<string, { needle: string; of: T }[]>();
  for (const [needle, of] of needles) {
    if (needle.length < headLength) continue;
    const head = needle.slice(0, headLength);
    const alike = byHead.get(head) ?? [];
    if (alike.some((one) => one.needle === needle)) continue;
    byHead.set(
      head,
      [...alike, { needle, of }].toSorted((a, b) => b.needle.length - a.needle.length),
    );
  }
  return (text) => {
    const finds: Find<T>[] = [];
    if (byHead.size === 0) return finds;
    for (let start = 0; start + headLength <= text.length; start += 1) {
      const found = byHead
        .get(text.slice(start, start + headLength))
        ?.find(({ needle }) => text.startsWith(needle, start));
      if (found) finds.push({ start, end: start + found.needle.length, of: found.of });
    }
    return finds;
  };
}

/** The text with each of the ranges replaced; ranges that touch or overlap are replaced once. */
export function withoutRanges(text: string, ranges: readonly Range[], replacement: string): string {
  let result = "";
  let done = 0;
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    if (end <= done) continue;
    if (start > done || done === 0) result += text.slice(done, start) + replacement;
    done = end;
  }
  return result + text.slice(done);
}
