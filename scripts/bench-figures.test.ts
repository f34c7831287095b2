import { expect, test } from "vitest";
import { budgets, emptyFigures, type FigureName, figuresTable, median } from "./bench-figures.ts";

test.each([
  [[3], 3],
  [[9, 1, 2], 2],
  [[4, 1, 2, 9], 3],
])("The median of %j is %d.", (samples, expected) => {
  expect(median(samples)).toBe(expected);
});

test("The median of nothing is a mistake.", () => {
  expect(() => median([])).toThrow("no median");
});

test("At the beginning there is a figure for each budget.", () => {
  expect(Object.values(emptyFigures()).map(({ name }) => name)).toEqual(Object.keys(budgets));
});

test.each<[string, FigureName, number[], string]>([
  ["the median and that it is within", "tests", [61, 59.94, 40], "| 59.9 s | ≤ 60 s | within | 3 |"],
  ["that a figure just at its budget is within", "scenarios", [90], "| 90.0 s | ≤ 90 s | within | 1 |"],
  ["that a figure is over", "memory", [312.4], "| 312 MB | ≤ 300 MB | **over** | 1 |"],
  ["a figure without a budget", "vmiReady", [11.04], "| 11.0 s | none |  | 1 |"],
  ["milliseconds as whole ones", "junitLarge", [416.9], "| 417 ms | none |  | 1 |"],
])("The table tells %s.", (_, name, samples, expected) => {
  expect(figuresTable([{ name, samples }])).toContain(expected);
});

test("The table tells why something is missing.", () => {
  const table = figuresTable([
    { name: "cold", samples: [], leftOut: "ask for it with `--cold`" },
    { name: "up", samples: [], leftOut: "a cluster was up", problem: "it ended with exit code 3\nand more" },
  ]);
  expect(table).toContain("| ask for it with `--cold` | ≤ 1500 s |");
  expect(table).toContain("| **failed:** it ended with exit code 3 | ≤ 120 s |");
});
