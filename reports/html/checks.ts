import type { Evidence } from "../evidence.ts";
import type { CaseReport, RunReport } from "../model.ts";
import { checkDetail } from "./check-detail.ts";
import { story, toldInFull } from "./faults.ts";
import { counted, duration, grouped } from "./figures.ts";
import { later } from "./later.ts";
import { html, type Html } from "./markup.ts";
import { badge, outcomes } from "./outcome.ts";
import { prose } from "./prose.ts";

/** Checks up to which all suites are open. */
const openUpTo = 500;

/** Every check by suite, each a line that opens to its calls; with a script they can be filtered. */
export function checksSection(report: RunReport, evidence: Evidence): Html {
  const isOpen = report.cases.length <= openUpTo;
  const told = toldInFull(report);
  const why = (index: number, one: CaseReport): Html | undefined => {
    if (told.has(index)) return html`<p><a href="#f-${index}">Why it is ${one.outcome}</a></p>`;
    return one.failure && story(report, one, index, evidence, true);
  };
  const rows = [...report.cases.entries()].map(([index, one]) => {
    return { one, row: rowOf(index, one, checkDetail(one, report, why(index, one))) };
  });
  const suites = Map.groupBy(rows, ({ one }) => one.suite);
  return html`<section id="checks" aria-labelledby="checks-title">
    <h2 id="checks-title">All checks</h2>
    ${filters(report)}
    ${[...suites].map(([name, members]) => {
      const checks = members.map(({ one }) => one);
      return html`<details class="suite" data-suite="${name}" ${isOpen && html` open`}>
        <summary>
          <h3>${name}</h3>
          <span class="sub">${endsOf(checks)}</span>
        </summary>
        ${later(members.map(({ row }) => row))}
      </details>`;
    })}
  </section>`;
}

function filters({ cases }: RunReport): Html {
  const tags = [...new Set(cases.flatMap(({ tags: some }) => some))].toSorted();
  const present = outcomes.filter((outcome) => cases.some((one) => one.outcome === outcome));
  const select = (name: string, label: string, values: readonly string[]) =>
    html`<label>
      ${label}
      <select name="${name}">
        <option value="">all</option>
        ${values.map((value) => html`<option>${value}</option>`)}
      </select>
    </label>`;
  return html`<form class="filters" role="search" aria-label="Filter the checks">
    <label class="text">Text <input type="search" name="text" placeholder="name or sentence" /></label>
    ${select("outcome", "Outcome", present)} ${select("profile", "Profile", ["core", "extended"])}
    ${select("tag", "Tag", tags)}
    <output aria-live="polite">${counted(cases.length, "check")}</output>
  </form>`;
}

/** `1 failed, 3 passed`. */
function endsOf(checks: readonly CaseReport[]): string {
  const byOutcome = Map.groupBy(checks, ({ outcome }) => outcome);
  return outcomes
    .filter((outcome) => byOutcome.has(outcome))
    .map((outcome) => `${grouped(byOutcome.get(outcome)?.length ?? 0)} ${outcome}`)
    .join(", ");
}

/** `page.js` finds rows by how they begin, and what they are filtered by in their attributes and their summary. */
function rowOf(index: number, one: CaseReport, detail: Html): Html {
  const { outcome, profile, tags, name, title, seconds, calls } = one;
  const requests = calls.reduce((sum, { count }) => sum + count, 0);
  return html`<details class="check" id="c-${index}" data-o="${outcome}" data-k="${profile} ${tags.join(" ")}">
    <summary>
      ${badge(outcome)}<span class="what"><code>${name}</code> ${prose(title)}</span>
      <i>${profile === "extended" && "extended"}</i>
      <i>${requests > 0 && `${grouped(requests)} calls`}</i>
      <i>${outcome !== "skipped" && seconds > 0 && duration(seconds)}</i>
    </summary>
    <div class="body">${detail}</div>
  </details>`;
}
