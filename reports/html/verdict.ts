import type { CaseOutcome, RunReport, Verdict } from "../model.ts";
import { command } from "./command.ts";
import { html, type Html } from "./markup.ts";
import { prose } from "./prose.ts";
import { environment, runFacts, versionList } from "./run-facts.ts";
import { tally } from "./tally.ts";
import { verdictSentence } from "./verdict-sentence.ts";

const words: Readonly<Record<Verdict, string>> = {
  conformant: "Conformant",
  partial: "Partial",
  failed: "Failed",
  error: "Error",
  interrupted: "Interrupted",
};

/** Which end of a check a verdict looks like. */
export const toneOf: Readonly<Record<Verdict, CaseOutcome>> = {
  conformant: "passed",
  partial: "skipped",
  failed: "failed",
  error: "error",
  interrupted: "error",
};

/** The top of the page: did it pass, with what, and how it is repeated. */
export function verdictSection(report: RunReport): Html {
  const { verdict, interruption, reproduce } = report;
  const ended = interruption !== undefined && html`<p><span class="term">Because</span> ${prose(interruption)}</p>`;
  return html`<section id="verdict" class="verdict ${toneOf[verdict]}" aria-labelledby="verdict-title">
    <h1 id="verdict-title">${words[verdict]}</h1>
    <p class="lead">${prose(verdictSentence(report))}</p>
    ${ended} ${tally(report)}
    <div class="columns">
      <div>
        <h2>Versions</h2>
        ${versionList(report)}
      </div>
      <div>
        <h2>Run</h2>
        ${runFacts(report)}
      </div>
    </div>
    <h2>Repeat this run</h2>
    ${command(reproduce, "the command that repeats this run")} ${environment(report)}
  </section>`;
}
