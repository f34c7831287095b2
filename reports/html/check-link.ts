import type { CaseReport } from "../model.ts";
import { html, type Html } from "./markup.ts";

/** A link to a check in the list of all, by its place in the report. */
export function checkLink(index: number, check: Pick<CaseReport, "id"> | undefined): Html {
  return html`<a href="#c-${index}"><code>${check?.id ?? "unknown"}</code></a>`;
}
