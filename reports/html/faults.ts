import type { Evidence } from "../evidence.ts";
import { type Call, type CaseReport, type RunReport, stageName, type StageReport, type TryReport } from "../model.ts";
import { firstLine } from "../first-line.ts";
import { reproduceCheck } from "../reproduce.ts";
import { callList } from "./calls.ts";
import { checkLink } from "./check-link.ts";
import { command } from "./command.ts";
import { evidenceFiles } from "./evidence-files.ts";
import { counted, duration, moment } from "./figures.ts";
import { folded } from "./later.ts";
import { html, type Html } from "./markup.ts";
import { chain } from "./message.ts";
import { badge } from "./outcome.ts";
import { prose } from "./prose.ts";
import { reasons } from "./reasons.ts";

/** Checks of a section that stand open; a run in which more are red mostly has one cause. */
const openChecks = 40;

type Numbered = [number, CaseReport];

/** What is red, gravest first: stages, failed checks, errors. */
export function failuresSection(report: RunReport, evidence: Evidence): Html | false {
  const stages = report.stages.filter(({ outcome }) => outcome !== "passed");
  const red = [...ended(report, "failed"), ...ended(report, "error")];
  if (stages.length + red.length === 0) return false;
  return html`<section id="failures" aria-labelledby="failures-title">
    <h2 id="failures-title">What failed, and why</h2>
    ${stages.map((stage) => stageFault(stage, evidence))} ${faults(red, report, evidence)}
  </section>`;
}

/** What passed after a red try, with what that one said. */
export function flakySection(report: RunReport, evidence: Evidence): Html | false {
  const flaky = ended(report, "flaky");
  if (flaky.length === 0) return false;
  return html`<section id="flaky" aria-labelledby="flaky-title">
    <h2 id="flaky-title">What passed only at a later try</h2>
    ${faults(flaky, report, evidence)}
  </section>`;
}

/** Checks with this end and their places in the report. */
function ended({ cases }: RunReport, outcome: CaseReport["outcome"]): Numbered[] {
  return [...cases.entries()].filter(([, one]) => one.outcome === outcome);
}

function stageFault(stage: StageReport, evidence: Evidence): Html {
  const { startedAt, seconds, outcome, error, attachments = [] } = stage;
  return html`<article class="fault error">
    <h3>${badge("error")} Stage ${prose(`\`${stageName(stage)}\``)} ${outcome}</h3>
    <p class="meta">started ${moment(startedAt)}, took ${duration(seconds)}</p>
    ${error ? reasons(error) : html`<p>It was interrupted.</p>`} ${evidenceFiles(attachments, evidence)}
  </article>`;
}

/** The first in full, the others by name: the list of all checks tells of them. */
function faults(some: readonly Numbered[], report: RunReport, evidence: Evidence): Html {
  const others = some.slice(openChecks);
  const names = html`<ul class="names">
    ${others.map(([index, one]) => html`<li>${checkLink(index, one)} ${prose(firstLine(one.failure?.message))}</li>`)}
  </ul>`;
  return html`${some.slice(0, openChecks).map(
    ([index, one]) =>
      html`<article class="fault ${one.outcome}" id="f-${index}">
        <h3>${badge(one.outcome)} ${prose(one.title)}</h3>
        ${story(report, one, index, evidence)}
      </article>`,
  )}
  ${others.length > 0 && folded(`${counted(others.length, "more check")}, by name`, names)}`;
}

/** Places of the checks that have a story in full above the list. */
export function toldInFull(report: RunReport): ReadonlySet<number> {
  const red = [...ended(report, "failed"), ...ended(report, "error")];
  return new Set([...red.slice(0, openChecks), ...ended(report, "flaky").slice(0, openChecks)].map(([index]) => index));
}

/** Why a check is red, and what it left. `inside`: it is part of something folded itself. */
export function story(report: RunReport, one: CaseReport, index: number, evidence: Evidence, inside = false): Html {
  const { id, failure, tries, attachments, output } = one;
  const printed = html`<pre tabindex="0">${output}</pre>`;
  return html`<p class="meta">
      <a href="#c-${index}"><code>${id}</code></a> ${metaOf(one).map((word) => ` · ${word}`)}
    </p>
    ${failure ? reasons(failure, inside) : html`<p>It left no reason.</p>`} ${callsOf(one, inside)}
    ${evidenceFiles(attachments, evidence, inside)} ${tries.length > 0 && attempts(tries, inside)}
    ${output && folded("What the check printed", printed, inside)}
    <h4>Repeat this check</h4>
    ${command(reproduceCheck(report, id), `the command that repeats ${id}`)}`;
}

function metaOf({ profile, tags, serial, startedAt, seconds }: CaseReport): string[] {
  const start = startedAt === undefined ? [] : [`started ${moment(startedAt)}`];
  // A check that was cut off has no duration.
  return [profile, ...tags, ...(serial ? ["serial"] : []), ...start, ...(seconds > 0 ? [duration(seconds)] : [])];
}

/** What did not end as expected; the other calls stand behind it. */
function callsOf({ calls }: CaseReport, inside: boolean): Html {
  const [right, wrong] = [calls.filter((call) => !isUnexpected(call)), calls.filter(isUnexpected)];
  const title = `${counted(right.length, wrong.length > 0 ? "other call" : "call")} that ended as expected`;
  return html`${
    wrong.length > 0 &&
    html`<h4>Calls that did not end as expected</h4>
      ${callList(wrong)}`
  }
  ${right.length > 0 && folded(title, callList(right), inside)}`;
}

function isUnexpected({ unexpected }: Call): boolean {
  return unexpected !== undefined;
}

function attempts(tries: readonly TryReport[], inside: boolean): Html {
  const row = ({ repetition, attempt, outcome, seconds, failure, calls = [] }: TryReport) =>
    html`<li>
      ${badge(outcome)} repetition ${repetition}, try ${attempt}, ${duration(seconds)}
      ${failure && chain(failure.message)} ${calls.some(isUnexpected) && callList(calls.filter(isUnexpected))}
    </li>`;
  const list = html`<ol class="tries">
    ${tries.map(row)}
  </ol>`;
  return folded(counted(tries.length, "try", "tries"), list, inside);
}
