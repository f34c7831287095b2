import type { CaseOutcome, CaseReport, RunReport } from "../model.ts";
import { counted, grouped } from "./figures.ts";
import { html, type Html } from "./markup.ts";
import { badge, meanings, outcomes } from "./outcome.ts";

/** Sections that tell of checks with an end. */
const sections = {
  failed: "failures",
  error: "failures",
  flaky: "flaky",
  passed: "checks",
  skipped: "skipped",
} as const satisfies Record<CaseOutcome, string>;

/** How many checks ended how, as figures and as one bar. A stage that did not pass is an error, too. */
export function tally({ cases, stages }: RunReport): Html {
  const byOutcome = Map.groupBy(cases, ({ outcome }) => outcome);
  const broken = stages.filter(({ outcome }) => outcome !== "passed").length;
  const figures = outcomes.map((outcome) => {
    const of = byOutcome.get(outcome) ?? [];
    return figure(outcome, of, outcome === "error" ? broken : 0);
  });
  let x = 0;
  const shares = outcomes.map((outcome) => {
    const share = (100 * (byOutcome.get(outcome)?.length ?? 0)) / Math.max(1, cases.length);
    x += share;
    const from = (x - share).toFixed(2);
    return share > 0 && html`<rect class="${outcome}" x="${from}%" width="${share.toFixed(2)}%" height="8" />`;
  });
  return html`<ul class="tally">
      ${figures}
    </ul>
    <svg class="share" width="100%" height="8" aria-hidden="true">${shares}</svg>`;
}

function figure(outcome: CaseOutcome, of: readonly CaseReport[], brokenStages: number): Html {
  const count = of.length + brokenStages;
  const inside = html`<span class="figure">${grouped(count)}</span> ${badge(outcome)}
    <span class="sub">${kindsOf(of, brokenStages)}</span>`;
  return html`<li title="${meanings[outcome]}">
    ${count > 0 ? html`<a href="#${sections[outcome]}">${inside}</a>` : html`<span class="none">${inside}</span>`}
  </li>`;
}

/** `1 stage, 2 core, 1 extended`. */
function kindsOf(of: readonly CaseReport[], brokenStages: number): string {
  const stages = brokenStages > 0 ? [counted(brokenStages, "stage")] : [];
  const profiles = Map.groupBy(of, ({ profile }) => profile);
  const checks = (["core", "extended"] as const).flatMap((profile) => {
    const members = profiles.get(profile);
    return members ? [`${grouped(members.length)} ${profile}`] : [];
  });
  return [...stages, ...checks].join(", ") || "none";
}
