import type { Milestones } from "../../lib/milestones.ts";
import type { CaseReport, RunReport } from "../model.ts";
import { reproduceCheck } from "../reproduce.ts";
import { callList } from "./calls.ts";
import { milliseconds, moment } from "./figures.ts";
import { type Content, html, type Html } from "./markup.ts";
import { prose } from "./prose.ts";

/** What the list of all checks tells of one that is opened; `why` is the place for what made it red. */
export function checkDetail(one: CaseReport, report: RunReport, why: Html | undefined): Html {
  const { id, reason, milestones, properties, calls } = one;
  const measured = [
    ...Object.entries(properties).map(([name, value]): [string, Content] => [name, value]),
    ...milestones.map((milestone): [string, Content] => [milestone.name, reached(milestone)]),
  ];
  return html`${why} ${reason !== undefined && html`<p>Skipped: ${prose(reason)}</p>`}
    <p class="meta"><code>${id}</code>${factsOf(one).map((fact) => ` · ${fact}`)}</p>
    ${calls.length > 0 && callList(calls)}
    ${
      measured.length > 0 &&
      html`<ul class="measured">
        ${measured.map(([name, value]) => html`<li><code>${name}</code> ${value}</li>`)}
      </ul>`
    }
    <p class="meta">Repeat it: <code class="whole">${reproduceCheck(report, id)}</code></p>`;
}

function factsOf({ profile, tags, source, needs, serial, startedAt }: CaseReport): string[] {
  return [
    profile,
    ...tags,
    ...(source === undefined ? [] : [`source ${source}`]),
    ...(needs.length > 0 ? [`needs ${needs.join(", ")}`] : []),
    ...(serial ? ["runs alone, as it changes the whole mesh"] : []),
    ...(startedAt === undefined ? [] : [`started ${moment(startedAt)}`]),
  ];
}

/** `boots after 9.0 s, ready after 31.4 s`. */
function reached({ runningMs, readyMs, firstMtlsMs }: Milestones): string {
  const marks = { boots: runningMs, ready: readyMs, "first mutual TLS": firstMtlsMs };
  const said = Object.entries(marks).filter(([, ms]) => ms !== undefined);
  return said.map(([mark, ms = 0]) => `${mark} after ${milliseconds(ms)}`).join(", ");
}
