import type { Evidence } from "../evidence.ts";
import { bytes } from "./figures.ts";
import { later } from "./later.ts";
import { html, type Html } from "./markup.ts";

/** Lines up to which a file is shown open. */
const shortLines = 6;

/**
 * The evidence of one check: each file with its text, short ones open, and a link to all of it. `inside`: it is part of
 * something folded itself.
 */
export function evidenceFiles(paths: readonly string[], evidence: Evidence, inside = false): Html | false {
  if (paths.length === 0) return false;
  return html`<h4>Evidence</h4>
    <div class="files">${paths.map((path) => file(path, evidence, inside))}</div>`;
}

function file(path: string, evidence: Evidence, inside: boolean): Html {
  const { bytes: size = 0, text, absent = "this page shows no more evidence" } = evidence.get(path) ?? {};
  const link = html`<a href="${linkTo(path)}">open the file</a>`;
  const name = html`<code>${shortName(path)}</code>`;
  if (text === undefined) return html`<p>${name} ${link} <span class="sub">not shown here: ${absent}</span></p>`;
  const isShort = text.split("\n").length <= shortLines;
  const pre = html`<pre tabindex="0">${text}</pre>`;
  return html`<details${isShort && html` open`}>
    <summary>${name} <span class="sub">${bytes(size)}</span></summary>
    <p>${link}</p>
    ${isShort || inside ? pre : later(pre)}
  </details>`;
}

/** The path without what all files of one check have in common. */
function shortName(path: string): string {
  const parts = path.split("/");
  return parts.slice(parts[0] === "diagnostics" ? Math.min(3, parts.length - 1) : 0).join("/");
}

/** The file beside the page, whatever its name looks like. */
function linkTo(path: string): string {
  return `./${path.split("/").map(encodeURIComponent).join("/")}`;
}
