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

/** Times are in whole milliseconds, so that what follows may seem to begin before the end. */
const rounding = 0.002;

/**
 * The bars of each lane. Spans that overlap are in different lanes. What lies within `grain` seconds of a lane is one
 * bar, so that their count does not grow with that of the spans.
 */
export function lanesOf(spans: readonly Span[], grain: number): Bar[][] {
  const lanes: Bar[][] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const lane = lanes.find((bars) => (bars.at(-1)?.end ?? 0) <= span.start + rounding);
    const last = lane?.at(-1);
    if (last && span.end - last.start <= grain) add(last, span);
    else if (lane) lane.push({ ...span, spans: [span] });
    else lanes.push([{ ...span, spans: [span] }]);
  }
  return lanes;
}

function add(bar: Bar, span: Span): void {
  bar.spans.push(span);
  bar.end = span.end;
  if (outcomes.indexOf(span.outcome) < outcomes.indexOf(bar.outcome)) bar.outcome = span.outcome;
}
