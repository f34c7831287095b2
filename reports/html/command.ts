import { html, type Html } from "./markup.ts";

/** A command to copy: a click marks all of it, the button puts it on the clipboard. Lines break before flags only. */
export function command(line: string, label: string): Html {
  const [first = "", ...flags] = line.split(/ (?=--)/);
  return html`<div class="command">
    <code>${first}${flags.map((flag) => html` <span>${flag}</span>`)}</code>
    <button type="button" class="copy">Copy<span class="heard">${label}</span></button>
  </div>`;
}
