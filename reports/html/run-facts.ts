import type { RunReport } from "../model.ts";
import { counted, duration, moment } from "./figures.ts";
import { type Content, html, type Html } from "./markup.ts";
import { prose } from "./prose.ts";

/** Names of components as they write themselves. */
const properNames: Readonly<Record<string, string>> = {
  kubernetes: "Kubernetes",
  istio: "Istio",
  envoy: "Envoy",
  kubevirt: "KubeVirt",
  multus: "Multus",
  coredns: "CoreDNS",
};

/** What was tested. */
export function versionList({ versions }: RunReport): Html {
  const known = Object.entries(versions);
  if (known.length === 0) return html`<p class="none">The cluster told none.</p>`;
  return list(known.map(([name, version]) => [properNames[name] ?? name, html`<code>${version}</code>`]));
}

/** Where and when. */
export function runFacts({ provider, nodes, seed, startedAt, seconds, runId, vmesh, commit }: RunReport): Html {
  return list([
    ["Provider", `${provider}, ${counted(nodes, "node")}`],
    ["Started", html`<time datetime="${startedAt}">${moment(startedAt)}</time>`],
    ["Took", duration(seconds)],
    ["Seed", html`<code>${seed}</code>`],
    ["Run", html`<code>${runId}</code>`],
    ["vmesh", html`<code>${vmesh}</code>${commit !== undefined && html` (commit <code>${commit}</code>)`}`],
  ]);
}

/** What is asked less often. */
export function environment({ clusterId, host, capabilities, exitCode, ...report }: RunReport): Html {
  const able = Object.keys(capabilities).filter((name) => capabilities[name] === true);
  const lacking = Object.entries(capabilities).filter(([, there]) => there !== true);
  return html`<details class="more">
    <summary>Cluster, machine and selection</summary>
    ${list([
      ["Cluster", html`<code>${clusterId}</code>`],
      ...Object.entries(host).map(([name, value]): [string, Content] => [`Machine: ${name}`, String(value)]),
      ["Selection", selected(report)],
      ["Exit code", exitCode],
      ["It can", able.join(", ") || "nothing that was looked for"],
      ...lacking.map(([name, why]): [string, Content] => [`It has no ${name}`, prose(String(why))]),
    ])}
  </details>`;
}

function selected({ selection, requireAll, failOnFlaky }: Pick<RunReport, "selection" | "requireAll" | "failOnFlaky">) {
  const chosen = Object.entries(selection).flatMap(([name, values]) => values.map((value) => `${name} ${value}`));
  const demands = [requireAll && "every check was required", failOnFlaky && "no flaky check was allowed"];
  return [...chosen, ...demands].filter(Boolean).join(", ") || "every check";
}

function list(entries: readonly (readonly [string, Content])[]): Html {
  return html`<dl class="facts">
    ${entries.map(
      ([term, value]) =>
        html`<div>
          <dt>${term}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
