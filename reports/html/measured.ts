import { numbersIn } from "../measures.ts";
import type { CaseReport } from "../model.ts";
import { checkLink } from "./check-link.ts";
import { grouped, milliseconds, spreadOf } from "./figures.ts";
import { html, type Html } from "./markup.ts";

/** Names of properties that get a line; a run has some ten. */
const shownNames = 100;

/** A number that a check measured. */
interface Measured {
  name: string;
  value: number;
  /** Place of the check in the report. */
  check: number;
}

/** The numeric properties of all checks by name. */
export function measuredTable(cases: readonly CaseReport[]): Html | false {
  const all = cases.flatMap(({ properties }, check) =>
    numbersIn(properties).map(([name, value]): Measured => ({ name, check, value })),
  );
  const byName = Map.groupBy(all, ({ name }) => name);
  if (byName.size === 0) return false;
  const shown = [...byName].slice(0, shownNames);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="What checks measured">
      <table class="tight">
        <thead>
          <tr>
            <th scope="col">Measured by a check</th>
            <th scope="col" class="n">n</th>
            <th scope="col" class="n">Median</th>
            <th scope="col" class="n">Largest</th>
            <th scope="col">Check</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map(([name, values]) => row(name, values, cases))}
        </tbody>
      </table>
    </div>
    ${byName.size > shown.length && html`<p class="rest">${grouped(byName.size - shown.length)} more are in report.json.</p>`}`;
}

function row(name: string, values: readonly Measured[], cases: readonly CaseReport[]): Html {
  const { median, max, count } = spreadOf(values.map(({ value }) => value));
  const said = (value: number) => (name.endsWith("_ms") ? milliseconds(value) : String(Number(value.toPrecision(6))));
  const check = values[0]?.check ?? 0;
  return html`<tr>
    <th scope="row"><code>${name}</code></th>
    <td class="n">${grouped(count)}</td>
    <td class="n">${said(median)}</td>
    <td class="n">${said(max)}</td>
    <td>${checkLink(check, cases[check])}${count > 1 && ` and ${grouped(count - 1)} more`}</td>
  </tr>`;
}
