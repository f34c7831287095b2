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
  junitSmall: { what: "JUnit of 1,000 made-up checks", unit: "ms" },
  junitLarge: { what: "JUnit of 10,000 made-up checks", unit: "ms" },
  junitSize: { what: "size of that file", unit: "MB", budget: 30 },
} as const satisfies Record<string, { what: string; unit: "s" | "ms" | "MB"; budget?: number }>;
export type FigureName = keyof typeof budgets;

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

/** The middle one; of an even number the mean of the two in the middle. Throws for no samples. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  if (middle.length === 0) throw new TypeError("There is no median of nothing.");
  return middle.reduce((sum, sample) => sum + sample, 0) / middle.length;
}

/** Figures against their budgets as a Markdown table. */
export function figuresTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, samples, leftOut, problem }) => {
    const { what, unit, budget } = { budget: undefined, ...budgets[name] };
    const limit = budget === undefined ? "none" : `≤ ${budget} ${unit}`;
    const why = problem === undefined ? (leftOut ?? "not measured") : `**failed:** ${problem.split("\n")[0]}`;
    if (samples.length === 0) return [what, why, limit, "", "0"];
    const figure = median(samples);
    const verdict = budget === undefined ? "" : figure <= budget ? "within" : "**over**";
    return [what, `${figure.toFixed(unit === "s" ? 1 : 0)} ${unit}`, limit, verdict, `${samples.length}`];
  });
  const head = [
    ["what", "median", "budget", "", "runs"],
    ["---", "---:", "---:", "---", "---:"],
  ];
  return [...head, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
