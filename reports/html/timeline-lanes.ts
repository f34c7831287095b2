import type { CaseOutcome } from "../model.ts";
import { outcomes } from "./outcome.ts";

/** Something that took time, in seconds since the run began. */
export interface Span {
  start: number;
  end: number;
  outcome: CaseOutcome;
  title: string;
  /** Anchor on the page. */
  target?: string | undefined;
}

/** A bar of the timeline: one span, or several too short to be told apart, with the gravest of their ends. */
export interface Bar extends Span {
  spans: Span[];
}

export interface Lanes {
  lanes: Bar[][];
  /** How many spans no lane had room for. */
  left: number;
}

/** Times are in whole milliseconds, so that what follows may seem to begin before the end. */
const rounding = 0.002;

/** Lanes that one can still look through. */
const mostLanes = 24;

/**
 * The bars of each lane. Spans that overlap are in different lanes, as long as there are some. What lies within `grain`
 * seconds of a lane is one bar, so that their count does not grow with that of the spans.
 */
export function lanesOf(spans: readonly Span[], grain: number): Lanes {
  const lanes: Bar[][] = [];
  let left = 0;
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const lane = lanes.find((bars) => (bars.at(-1)?.end ?? 0) <= span.start + rounding);
    const last = lane?.at(-1);
    if (last && span.end - last.start <= grain) add(last, span);
    else if (lane) lane.push({ ...span, spans: [span] });
    else if (lanes.length < mostLanes) lanes.push([{ ...span, spans: [span] }]);
    else left += 1;
  }
  return { lanes, left };
}

function add(bar: Bar, span: Span): void {
  bar.spans.push(span);
  bar.end = span.end;
  if (outcomes.indexOf(span.outcome) < outcomes.indexOf(bar.outcome)) bar.outcome = span.outcome;
}
