import { type CaseReport, type RunReport, stageName } from "../model.ts";
import { counted, duration, grouped } from "./figures.ts";
import { html, type Html } from "./markup.ts";
import { outcomeOfStage } from "./outcome.ts";
import { type Bar, lanesOf, type Span } from "./timeline-lanes.ts";

/** Below this share of the whole nothing can be told apart. */
const grain = 1 / 900;
const laneHeight = 22;
const headHeight = 26;
const axisHeight = 22;

/** When stages and checks ran, in lanes where they overlapped; checks that run alone have lanes of their own. */
export function timelineSection(report: RunReport): Html | false {
  const origin = Date.parse(report.startedAt);
  const checks = [...report.cases.entries()].map(([index, one]) => ({ one, spans: spansOf(one, index, origin) }));
  const stages = report.stages.map((stage): Span => {
    const start = Math.max(0, (Date.parse(stage.startedAt) - origin) / 1000);
    return { start, end: start + stage.seconds, outcome: outcomeOfStage(stage), title: stageName(stage) };
  });
  const groups = [
    { name: "Stages", spans: stages },
    { name: "Checks, several at a time", spans: checks.filter(({ one }) => !one.serial).flatMap(({ spans }) => spans) },
    {
      name: "Serial checks, one at a time",
      spans: checks.filter(({ one }) => one.serial).flatMap(({ spans }) => spans),
    },
  ].filter(({ spans }) => spans.length > 0);
  if (groups.length === 0) return false;
  const total = Math.max(
    1,
    report.seconds,
    ...groups.map(({ spans }) => spans.reduce((end, one) => Math.max(end, one.end), 0)),
  );

  let y = axisHeight;
  const drawn = groups.map(({ name, spans }) => {
    const { lanes, left } = lanesOf(spans, 2 * total * grain);
    const more = left > 0 ? `; ${grouped(left)} more ran beside these` : "";
    const head = html`<text class="head" x="0" y="${y + 18}">${name}${more}</text>`;
    y += headHeight;
    const bars = lanes.map((lane, index) => lane.map((bar) => draw(bar, y + index * laneHeight, total)));
    y += lanes.length * laneHeight + 8;
    return html`<g>${head}${bars}</g>`;
  });
  return html`<section id="timeline" aria-labelledby="timeline-title">
    <h2 id="timeline-title">When it ran</h2>
    <p class="hint">Lanes show what ran beside what. A bar leads to its check.</p>
    <svg class="timeline" width="100%" height="${y}" role="group" aria-label="Timeline of ${duration(total)}">
      ${axis(total, y)}
      <g data-roving>${drawn}</g>
    </svg>
    <p class="said" aria-hidden="true" data-said="timeline"></p>
  </section>`;
}

/** One bar for each try. */
function spansOf({ id, startedAt, seconds, outcome, tries }: CaseReport, index: number, origin: number): Span[] {
  const all = tries.length > 0 ? tries : [{ startedAt, seconds, outcome }];
  return all.flatMap((one) => {
    if (one.startedAt === undefined) return [];
    const start = Math.max(0, (Date.parse(one.startedAt) - origin) / 1000);
    return [{ start, end: start + one.seconds, outcome: one.outcome, title: id, target: `c-${index}` }];
  });
}

function axis(total: number, height: number): Html {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800];
  const step = steps.find((seconds) => total / seconds <= 7) ?? total;
  const ticks = Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => index * step);
  return html`<g class="axis" aria-hidden="true">
    ${ticks.map((seconds) => {
      const x = percent(seconds / total);
      // The last one would stand half outside.
      const anchor = seconds / total > 0.97 ? "end" : seconds === 0 ? "start" : "middle";
      return html`<line x1="${x}" x2="${x}" y1="18" y2="${height}" />
        <text x="${x}" y="12" text-anchor="${anchor}">${clock(seconds)}</text>`;
    })}
  </g>`;
}

function draw({ start, end, outcome, title, target, spans }: Bar, y: number, total: number): Html {
  const share = Math.max((end - start) / total, grain * 2);
  const name = spans.length > 1 ? counted(spans.length, "short one") : title;
  const said = `${name}: ${outcome}, ${duration(end - start)} from ${clock(start)}`;
  const [x, width] = [percent(Math.min(start / total, 1 - grain * 2)), percent(share)];
  const label =
    share > 0.025 &&
    html`<svg class="label" x="${x}" y="${y}" width="${width}" height="18">
      <text x="5" y="13">${shortName(title)}</text>
    </svg>`;
  const bar = html`<title>${said}</title>
    <rect class="bar ${outcome}" x="${x}" y="${y}" width="${width}" height="18" rx="2" />
    ${label}`;
  if (target === undefined || spans.length > 1) return html`<g class="span" data-say="${said}">${bar}</g>`;
  return html`<a class="span" href="#${target}" aria-label="${said}" data-say="${said}">${bar}</a>`;
}

function shortName(title: string): string {
  return title.split("/").at(-1) ?? title;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(3)}%`;
}

/** Minutes and seconds since the beginning: `2:05`, or `1:02:05`. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
