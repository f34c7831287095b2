import { judgedOf } from "../failure.ts";
import type { Failure } from "../model.ts";
import { folded } from "./later.ts";
import { html, type Html } from "./markup.ts";
import { chain } from "./message.ts";
import { prose } from "./prose.ts";

/** Expected and got side by side, then why. `inside`: it is part of something folded itself. */
export function reasons(failure: Failure, inside = false): Html {
  const { message, stack, type } = failure;
  const { expected, actual } = judgedOf(failure);
  const sides = [["Expected", expected] as const, ["Got", actual] as const].filter(([, text]) => text !== undefined);
  const judged = sides.map(
    ([term, text = ""]) =>
      html`<div>
        <dt>${term}</dt>
        <dd>${prose(text)}</dd>
      </div>`,
  );
  const frames = html`<pre tabindex="0">${stack}</pre>`;
  return html`${judged.length > 0 && html`<dl class="judged">${judged}</dl>`}
    <h4>Why</h4>
    ${chain(message)} ${stack && folded(`Where in the code (${type})`, frames, inside)}`;
}
