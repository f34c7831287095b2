import { type Content, html } from "./markup.ts";

/** A sentence of ours, in which names stand in backticks: these become code. */
export function prose(text: string): Content {
  if (!text.includes("`")) return text;
  return text.split(/(`[^`]+`)/).map((part) => {
    return part.length > 2 && part.startsWith("`") && part.endsWith("`")
      ? html`<code>${part.slice(1, -1)}</code>`
      : part;
  });
}
