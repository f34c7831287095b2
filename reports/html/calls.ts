import type { Call } from "../model.ts";
import { wayOf } from "./edges.ts";
import { grouped, milliseconds } from "./figures.ts";
import { kinds } from "./kinds.ts";
import { type Content, html, type Html } from "./markup.ts";
import { prose } from "./prose.ts";
import { kindOf } from "./relations.ts";

/** Calls, one below the other; `about` says of each which check it belongs to. */
export function callList(calls: readonly Call[], about?: (index: number) => Content): Html {
  return html`<ul class="calls">
    ${calls.map((call, index) => item(call, about?.(index)))}
  </ul>`;
}

function item(call: Call, about: Content): Html {
  const { from, to, url, count, medianMs, maxMs } = call;
  const times = count === 1 ? milliseconds(maxMs) : `median ${milliseconds(medianMs)}, longest ${milliseconds(maxMs)}`;
  return html`<li class="${wayOf(call)}">
    ${about && html`<p class="about">${about}</p>`}
    <p>
      <i>${kinds[kindOf(from)].name}</i> <code>${from.namespace}/${from.name}</code> →
      ${to && html`<i>${kinds[kindOf(to)].name}</i> `}<code>${url}</code>
    </p>
    <p>${endOfCall(call)}</p>
    <p>${grouped(count)} ×, ${times}</p>
  </li>`;
}

/** What came of it, with whom the server saw. */
function endOfCall({ by, as, from, refusal, expected, unexpected }: Call): Content {
  if (unexpected !== undefined) {
    return html`<strong>Not as expected:</strong> ${prose(unexpected)} <br /><span class="expected"
        >Expected: ${prose(expected)}.</span
      >`;
  }
  if (refusal) return html`<strong>Refused by the ${refusal.by}:</strong> ${refusal.because}. ${sentenceOf(expected)}`;
  if (as === undefined) return sentenceOf(expected);
  const server = by === undefined ? "" : html` by <code>${by}</code>`;
  const identity = as === from.identity ? "the caller's identity" : "the identity";
  return html`Answered${server} over <strong>mutual TLS</strong>; the server saw ${identity} <code>${as}</code>.`;
}

function sentenceOf(expected: string): Content {
  return prose(`${expected.charAt(0).toUpperCase()}${expected.slice(1)}.`);
}
