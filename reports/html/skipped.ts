import type { RunReport } from "../model.ts";
import { checkLink } from "./check-link.ts";
import { counted } from "./figures.ts";
import { later } from "./later.ts";
import { html, type Html } from "./markup.ts";
import { prose } from "./prose.ts";

/** Checks that are named for one reason. */
const namesShown = 200;

/** What did not run, by the reason why, the commonest first. */
export function skippedSection({ cases }: RunReport): Html | false {
  const skipped = [...cases.entries()].filter(([, { outcome }]) => outcome === "skipped");
  if (skipped.length === 0) return false;
  const groups = Map.groupBy(skipped, ([, { reason }]) => reason ?? "no reason was recorded");
  const byCount = [...groups].toSorted(([, a], [, b]) => b.length - a.length);
  return html`<section id="skipped" aria-labelledby="skipped-title">
    <h2 id="skipped-title">What did not run, and why</h2>
    <div class="reasons">
      ${byCount.map(([reason, members]) => {
        const core = members.filter(([, { profile }]) => profile === "core").length;
        const named = members.slice(0, namesShown);
        const names = html`<ul class="names">
            ${named.map(([index, one]) => html`<li>${checkLink(index, one)} ${prose(one.title)}</li>`)}
          </ul>
          ${members.length > named.length && html`<p class="rest">The list of all checks has the others.</p>`}`;
        return html`<details>
          <summary>
            <span class="reason">${prose(reason)}</span>
            <span class="in">${counted(members.length, "check")}${core > 0 && `, ${core} core`}</span>
          </summary>
          ${later(names)}
        </details>`;
      })}
    </div>
  </section>`;
}
