import type { Mark } from "../../lib/milestones.ts";
import type { CaseReport, RunReport } from "../model.ts";
import { grouped, milliseconds, type Spread, spreadOf } from "./figures.ts";
import { type Kind, kinds, kindsInOrder } from "./kinds.ts";
import { html, type Html } from "./markup.ts";
import { measuredTable } from "./measured.ts";
import { kindOf } from "./relations.ts";

const marks = {
  runningMs: "boots",
  readyMs: "is ready",
  firstMtlsMs: "first mutual TLS",
} as const satisfies Record<Mark, string>;

interface Row {
  mark: Mark;
  spread: Spread;
}

/** How long workloads took to each milestone, by kind of peer, and whatever else the checks measured. */
export function latencySection({ cases }: RunReport): Html | false {
  const [milestones, measured] = [milestoneTable(cases), measuredTable(cases)];
  if (!milestones && !measured) return false;
  return html`<section id="latency" aria-labelledby="latency-title">
    <h2 id="latency-title">How long it took</h2>
    ${milestones} ${measured}
  </section>`;
}

function milestoneTable(cases: readonly CaseReport[]): Html | false {
  const byKind = Map.groupBy(
    // How long a red one took says nothing about speed.
    cases.filter(({ outcome }) => ["passed", "flaky"].includes(outcome)).flatMap(({ milestones }) => milestones),
    kindOf,
  );
  const groups = kindsInOrder.flatMap((kind) => {
    const rows = (Object.keys(marks) as Mark[]).flatMap((mark): Row[] => {
      const values = (byKind.get(kind) ?? []).flatMap((one) => one[mark] ?? []);
      return values.length === 0 ? [] : [{ mark, spread: spreadOf(values) }];
    });
    return rows.length === 0 ? [] : [{ kind, rows }];
  });
  if (groups.length === 0) return false;
  const longest = Math.max(...groups.flatMap(({ rows }) => rows.map(({ spread }) => spread.max)));
  return html`<p class="hint">
      From the moment a workload was applied, or a VM outside the cluster told to boot. A VMI boots when KubeVirt has
      started its process, a VM outside when it answers on SSH. The first mutual TLS is told of the end that it had to
      wait for, where it was a request of its own. Of checks that passed.
    </p>
    <table aria-label="Milestones of workloads">
      <thead>
        <tr>
          <th scope="col">Peer</th>
          <th scope="col">Until it</th>
          <th scope="col" class="n">n</th>
          <th scope="col" class="n">Median</th>
          <th scope="col" class="n">Longest</th>
          <th scope="col" class="plot">Spread, up to ${milliseconds(longest)}</th>
        </tr>
      </thead>
      ${groups.map(({ kind, rows }) => group(kind, rows, longest))}
    </table>`;
}

function group(kind: Kind, rows: readonly Row[], longest: number): Html {
  const head = html`<th scope="rowgroup" rowspan="${rows.length}">${kinds[kind].name}</th>`;
  return html`<tbody>
    ${rows.map(
      ({ mark, spread }, index) =>
        html`<tr>
          ${index === 0 && head}
          <td>${marks[mark]}</td>
          <td class="n">${grouped(spread.count)}</td>
          <td class="n">${milliseconds(spread.median)}</td>
          <td class="n">${milliseconds(spread.max)}</td>
          <td class="plot">${plot(spread, longest)}</td>
        </tr>`,
    )}
  </tbody>`;
}

/** Smallest to largest as a line, the middle half as a bar, the median as a mark. */
function plot({ min, lower, median, upper, max }: Spread, longest: number): Html {
  const at = (value: number) => `${((98 * value) / Math.max(1, longest) + 1).toFixed(2)}%`;
  const box = Math.max(0.4, (98 * (upper - lower)) / Math.max(1, longest)).toFixed(2);
  return html`<svg class="spread" width="100%" height="16" aria-hidden="true">
    <line x1="${at(min)}" x2="${at(max)}" y1="8" y2="8" />
    <rect x="${at(lower)}" width="${box}%" y="4" height="8" />
    <line class="median" x1="${at(median)}" x2="${at(median)}" y1="1" y2="15" />
  </svg>`;
}
