import { median } from "../median.ts";
import type { Exchange } from "../traffic.ts";

/** How fast a guest's loop of requests was by the times in the log of its console, which no delay of the harness touches. */
export interface Pace {
  /** Requests a second over the whole of them. */
  perSecond: number;
  /** Seconds from the end of a request to the beginning of the next: the median, as a console hands on lines in bursts. */
  pause: number;
}

/** Throws a `TypeError` for less than two exchanges, or for one that has no time. */
export function paceOf(exchanges: readonly Exchange[]): Pace {
  const ends = exchanges.map(({ loggedAt }) => {
    if (loggedAt === undefined) throw new TypeError("Only exchanges of a guest's loop have their time.");
    return loggedAt;
  });
  const betweenEnds = ends.slice(1).map((end, index) => end - (ends[index] ?? end));
  const pauses = betweenEnds.map((ms, index) => ms - (exchanges[index + 1]?.ms ?? 0));
  const span = betweenEnds.reduce((sum, ms) => sum + ms, 0);
  return { perSecond: betweenEnds.length / (span / 1_000), pause: median(pauses) / 1_000 };
}
