import { type Content, html, type Html } from "./markup.ts";

/**
 * Markup inside a closed `details` that costs nothing until it is opened: browsers that run scripts take the content of
 * `noscript` for one piece of text, which our script turns into elements; for those that do not it is there at once.
 * It must not be in another one, whose text would end with it.
 */
export function later(content: Content): Html {
  return html`<noscript>${content}</noscript>`;
}

/** Content below a line that opens it. `inside`: it is part of something folded itself. */
export function folded(title: Content, content: Html, inside = false): Html {
  return html`<details class="fold">
    <summary>${title}</summary>
    ${inside ? content : later(content)}
  </details>`;
}
