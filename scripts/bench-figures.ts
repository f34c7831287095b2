import { median } from "../lib/median.ts";

/** Everything that is measured, and the most it may take; without a budget it is only reported. */
export const budgets = {
  tests: { what: "`scripts/test --no-lab`", unit: "s", budget: 60 },
  cold: { what: "cold `scripts/vmesh run`", unit: "s", budget: 25 * 60 },
  coldAfterBuild: { what: "of which after stage `cluster`, which builds", unit: "s", budget: 6 * 60 },
  up: { what: "warm `scripts/vmesh up`, all components ready", unit: "s", budget: 120 },
  scenarios: { what: "the scenarios of the sources on a warm cluster", unit: "s", budget: 90 },
  suites: { what: "all checks on a warm cluster", unit: "s" },
  vmiReady: { what: "VMI create → Ready", unit: "s" },
  vmiAnswer: { what: "VMI create → first mTLS request answered", unit: "s" },
  memory: { what: "memory of the harness (RSS) while checks run", unit: "MB", budget: 300 },
  reportFold: { what: "10,000 checks: from the journal to a report", unit: "s" },
  reportWrite: { what: "10,000 checks: from there to every file", unit: "s" },
  journalSize: { what: "10,000 checks: `journal.ndjson`", unit: "MB" },
  statementSize: { what: "10,000 checks: `report.json`", unit: "MB" },
  junitSize: { what: "10,000 checks: `junit.xml`", unit: "MB", budget: 30 },
  pageSize: { what: "10,000 checks: `report.html`", unit: "MB" },
  pageOpens: { what: "10,000 checks: `report.html` in Chromium, until drawn", unit: "s", budget: 1 },
  sizeGrowth: { what: "bytes per check, of 10,000 against 1,000, of the file that grows most", unit: "×", budget: 1.2 },
  timeGrowth: { what: "time per check, of 10,000 against 1,000", unit: "×", budget: 1.5 },
} as const satisfies Record<string, { what: string; unit: "s" | "MB" | "×"; budget?: number }>;
export type FigureName = keyof typeof budgets;

/** One measurement of a figure, or why it is not to be had. */
export interface Sample {
  name: FigureName;
  sample?: number;
  leftOut?: string;
}

/** One thing measured: its samples, or why there are none. */
export interface Figure {
  name: FigureName;
  samples: number[];
  /** Why it was not to be measured. */
  leftOut?: string;
  /** Why it could not be measured. */
  problem?: string;
}

/** A figure without samples for each of the budgets. */
export function emptyFigures(): Record<FigureName, Figure> {
  const names = Object.keys(budgets) as FigureName[];
  return Object.fromEntries(names.map((name) => [name, { name, samples: [] }])) as unknown as Record<
    FigureName,
    Figure
  >;
}

const decimals = { s: 1, MB: 0, "×": 2 };

/** Figures against their budgets as a Markdown table. */
export function figuresTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, samples, leftOut, problem }) => {
    const { what, unit, budget } = { budget: undefined, ...budgets[name] };
    const limit = budget === undefined ? "none" : `≤ ${budget} ${unit}`;
    const why = problem === undefined ? (leftOut ?? "not measured") : `**failed:** ${problem.split("\n")[0]}`;
    if (samples.length === 0) return [what, why, limit, "", "0"];
    const figure = median(samples);
    const verdict = budget === undefined ? "" : figure <= budget ? "within" : "**over**";
    return [what, `${figure.toFixed(decimals[unit])} ${unit}`, limit, verdict, `${samples.length}`];
  });
  const head = [
    ["what", "median", "budget", "", "runs"],
    ["---", "---:", "---:", "---", "---:"],
  ];
  return [...head, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
