import type { CaseReport } from "../model.ts";
import { callList } from "./calls.ts";
import { checkLink } from "./check-link.ts";
import { type Edge, endOf } from "./edges.ts";
import { counted, grouped } from "./figures.ts";
import { later } from "./later.ts";
import { kinds, kindsInOrder } from "./kinds.ts";
import { html, type Html } from "./markup.ts";

/** Calls of one edge that are told in full; the checks have the others. */
const callsShown = 40;
/** Checks of one edge that are named. */
const checksNamed = 60;

/** The picture in words: by caller every edge, which opens to its calls. */
export function edgeList(edges: readonly Edge[], cases: readonly CaseReport[]): Html {
  const groups = kindsInOrder.map((kind) => {
    const members = [...edges.entries()].filter(([, { from }]) => from === kind);
    if (members.length === 0) return false;
    return html`<section>
      <h3>From ${kinds[kind].plural}</h3>
      ${members.map(([index, edge]) => entry(edge, index, cases))}
    </section>`;
  });
  return html`<div class="edges">${groups}</div>`;
}

function entry(edge: Edge, index: number, cases: readonly CaseReport[]): Html {
  const { to, way, layer, count, checks } = edge;
  const end = layer ? html`refused by the ${layer}: ${endOf(edge)}` : endOf(edge);
  return html`<details class="edge-entry ${way}">
    <summary>
      <span class="to">to ${kinds[to].plural}</span> <span class="end">${stroke()}${end}</span>
      <span class="count">${grouped(count)} ×</span> <span class="in">${counted(checks.size, "check")}</span>
    </summary>
    <div class="body" id="e-${index}">${later(calls(edge, cases))}</div>
  </details>`;
}

/** The line of the picture, as a key to it. */
function stroke(): Html {
  return html`<svg class="stroke" viewBox="0 0 28 10" aria-hidden="true"><path d="M0 5H28" /></svg>`;
}

function calls({ calls: all, checks, identities }: Edge, cases: readonly CaseReport[]): Html {
  const shown = all.slice(0, callsShown);
  const link = (index: number) => checkLink(index, cases[index]);
  const seen = [...identities].slice(0, callsShown);
  const named = [...checks].slice(0, checksNamed);
  const list = callList(
    shown.map(({ call }) => call),
    (index) => link(shown[index]?.check ?? 0),
  );
  const identity = seen.map((one) => html`<code>${one}</code>`);
  return html`${list}
  ${seen.length > 1 && names(`${counted(identities.size, "identity", "identities")} that servers saw`, identity, identities.size)}
  ${all.length > shown.length && names(`The other ${grouped(all.length - shown.length)} are in ${counted(checks.size, "check")}`, named.map(link), checks.size)}`;
}

/** Things by name, some of so many. */
function names(title: string, items: readonly Html[], count: number): Html {
  return html`<details>
    <summary>${title}</summary>
    <ul class="names">
      ${items.map((item) => html`<li>${item}</li>`)}
    </ul>
    ${count > items.length && html`<p class="rest">and ${grouped(count - items.length)} more.</p>`}
  </details>`;
}
