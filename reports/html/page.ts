import { createHash } from "node:crypto";
import type { Evidence } from "../evidence.ts";
import type { RunReport } from "../model.ts";
import { checksSection } from "./checks.ts";
import { edgeList } from "./edge-list.ts";
import { edgesOf } from "./edges.ts";
import { failuresSection, flakySection } from "./faults.ts";
import { moment } from "./figures.ts";
import { latencySection } from "./latency.ts";
import { html, type Html, textOf, trusted } from "./markup.ts";
import { script, style } from "./assets.ts";
import { skippedSection } from "./skipped.ts";
import { timelineSection } from "./timeline.ts";
import { topology } from "./topology.ts";
import { toneOf, verdictSection } from "./verdict.ts";

const policy = [
  "default-src 'none'",
  `style-src ${hashOf(style)}`,
  `script-src ${hashOf(script)}`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/**
 * The run as one page that needs nothing but itself: no network, no other file but evidence that it links to. `evidence`
 * is the text of those files that the page shows.
 */
export function htmlPage(report: RunReport, evidence: Evidence = new Map()): string {
  const { runId, verdict, startedAt } = report;
  const sections = {
    verdict: verdictSection(report),
    failures: failuresSection(report, evidence),
    flaky: flakySection(report, evidence),
    skipped: skippedSection(report),
    topology: topologySection(report),
    timeline: timelineSection(report),
    latency: latencySection(report),
    checks: checksSection(report, evidence),
  };
  return textOf(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta http-equiv="Content-Security-Policy" content="${policy}" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${verdict}: vmesh run ${runId}</title>
          <link rel="icon" href="${icon(report)}" />
          ${trusted(`<style>${style}</style>`)}
        </head>
        <body>
          <a class="skip" href="#verdict">Skip to the verdict</a>
          <header class="top">
            <p class="brand">vmesh <span>conformance of virtual machines in an Istio mesh</span></p>
            ${navigation(sections)}${theme()}
          </header>
          <main>${Object.values(sections)}</main>
          <footer>
            <p>
              Run <code>${runId}</code> of ${moment(startedAt)}. <a href="./report.json">report.json</a> holds the same
              as data, <a href="./junit.xml">junit.xml</a> as JUnit, <a href="./journal.ndjson">journal.ndjson</a> as it
              happened.
            </p>
          </footer>
          ${trusted(`<script>${script}</script>`)}
        </body>
      </html> `,
  );
}

function topologySection({ cases }: RunReport): Html {
  const edges = edgesOf(cases);
  if (edges.length === 0) {
    return html`<section id="topology" aria-labelledby="topology-heading">
      <h2 id="topology-heading">Who called whom</h2>
      <p class="none">No check of this run made a call.</p>
    </section>`;
  }
  return html`<section id="topology" aria-labelledby="topology-heading">
    <h2 id="topology-heading">Who called whom</h2>
    <p class="hint">
      All calls of all checks.
      <span class="wide"
        >A dot is the proxy of a peer in the mesh, a thick line between two of them mutual TLS; a line ends where it was
        refused.</span
      >
    </p>
    ${topology(edges)}
    <details class="as-list" data-open-narrow>
      <summary>The same as a list, with every call</summary>
      ${edgeList(edges, cases)}
    </details>
  </section>`;
}

/** Links to the sections that there are. */
function navigation(sections: Readonly<Record<string, Html | false>>): Html {
  const there = Object.keys(sections).filter((name) => sections[name] !== false);
  return html`<nav aria-label="Sections">
    <ul>
      ${there.map((name) => html`<li><a href="#${name}">${sectionNames[name] ?? name}</a></li>`)}
    </ul>
  </nav>`;
}

const sectionNames: Readonly<Record<string, string>> = {
  verdict: "Verdict",
  failures: "Failures",
  flaky: "Flaky",
  skipped: "Skipped",
  topology: "Calls",
  timeline: "Timeline",
  latency: "Latency",
  checks: "Checks",
};

/** Colours as the system has them, or one of both; needs no script. */
function theme(): Html {
  const choice = (value: string, label: string, chosen: boolean) =>
    html`<label
      ><input type="radio" name="theme" id="theme-${value}" ${chosen && html` checked`} /><span>${label}</span></label
    >`;
  return html`<fieldset class="theme">
    <legend>Colours</legend>
    ${choice("system", "System", true)}${choice("light", "Light", false)}${choice("dark", "Dark", false)}
  </fieldset>`;
}

/** A disc in the colour of the verdict, for the browser's tab. */
function icon({ verdict }: RunReport): string {
  const colours = { passed: "#1a7f45", failed: "#c0342b", error: "#b35900", flaky: "#6b3fa0", skipped: "#6b7280" };
  const disc = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${colours[toneOf[verdict]]}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(disc)}`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
