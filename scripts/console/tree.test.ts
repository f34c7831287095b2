import { describe, expect, test } from "vitest";
import { beginCheck, beginStage, endCheck, endStage, hear, newProgress, type Progress } from "./progress.ts";
import { sampleStage } from "../../reports/sample.ts";
import { styleFor } from "./style.ts";
import { duration, treeLines } from "./tree.ts";

const plain = styleFor({ NO_COLOR: "1" });
const now = 100_000;
const place = { round: "", ended: 0, checks: 5 };

/** A run on its way: two stages behind it, the third of these since 12 s. */
function under(title: string): Progress {
  const progress = newProgress();
  const ended = (change: Parameters<typeof sampleStage>[0]) => {
    const stage = sampleStage(change);
    beginStage(progress, stage, 0);
    endStage(progress, stage);
  };
  ended({ title: "doctor", seconds: 1.14 });
  ended({ title: "cluster", seconds: 128 });
  beginStage(progress, { title, phase: "setup" }, now - 12_400);
  return progress;
}

function building(): Progress {
  const progress = under("components");
  for (const text of ["multus is ready", "istio is ready"])
    hear(progress, { kind: "info", names: ["components"], text });
  return progress;
}

function checking(): Progress {
  const progress = under("suites");
  for (const [index, id] of ["a/1", "a/2", "a/3", "a/4"].entries())
    beginCheck(progress, id, place, now - 4_000 + index * 1_000);
  endCheck(progress, { id: "a/1", outcome: "failed" }, { ...place, ended: 1 });
  return progress;
}

function over(): Progress {
  const progress = checking();
  endStage(progress, sampleStage({ title: "suites", seconds: 61 }));
  beginStage(progress, { title: "cluster", phase: "teardown" }, now);
  endStage(progress, sampleStage({ phase: "teardown", seconds: 2, outcome: "interrupted" }));
  return progress;
}

describe("the tree of a run", () => {
  test.for<[string, () => Progress, [columns: number, rows: number], string[]]>([
    ["that has not begun is empty", newProgress, [80, 24], []],
    [
      "shows the last lines of the stage under way below it",
      building,
      [80, 24],
      [
        "✓ doctor 1.1 s",
        "✓ cluster 2 min 8 s",
        "● components 12 s",
        "  [components] multus is ready",
        "  [components] istio is ready",
      ],
    ],
    [
      "shows the checks that run with their seconds, and how many have ended",
      checking,
      [80, 24],
      ["✓ doctor 1.1 s", "✓ cluster 2 min 8 s", "● suites 12 s, 1 of 5, 1 red", "  a/2 3 s", "  a/3 2 s", "  a/4 1 s"],
    ],
    [
      "puts the stages that have ended into one line where rows are few",
      checking,
      [80, 6],
      ["✓ doctor 1.1 s  ✓ cluster 2 min 8 s", "● suites 12 s, 1 of 5, 1 red", "  a/2 3 s", "  a/3 2 s", "  a/4 1 s"],
    ],
    [
      "counts the checks that have no row of their own",
      checking,
      [80, 5],
      ["✓ doctor 1.1 s  ✓ cluster 2 min 8 s", "● suites 12 s, 1 of 5, 1 red", "  a/2 3 s", "  and 2 more"],
    ],
    [
      "keeps a line for what is below before one for what has ended",
      checking,
      [80, 3],
      ["● suites 12 s, 1 of 5, 1 red", "  and 3 more"],
    ],
    ["keeps the stage under way on the smallest terminal", checking, [80, 2], ["● suites 12 s, 1 of 5, 1 red"]],
    ["is one line where there is but one", checking, [80, 1], ["● suites 12 s, 1 of 5, 1 red"]],
    [
      "keeps the last of the lines where rows are few",
      building,
      [80, 4],
      ["✓ doctor 1.1 s  ✓ cluster 2 min 8 s", "● components 12 s", "  [components] istio is ready"],
    ],
    [
      "shows checks before lines",
      () => {
        const progress = checking();
        hear(progress, { kind: "info", names: ["machine"], text: "boots" });
        return progress;
      },
      [80, 7],
      [
        "✓ doctor 1.1 s  ✓ cluster 2 min 8 s",
        "● suites 12 s, 1 of 5, 1 red",
        "  a/2 3 s",
        "  a/3 2 s",
        "  a/4 1 s",
        "  [machine] boots",
      ],
    ],
    [
      "is never wider than the terminal",
      building,
      [16, 24],
      ["✓ doctor 1.1 s", "✓ cluster 2 mi…", "● components 1…", "  [components]…", "  [components]…"],
    ],
    [
      "of a run that is over has a mark for every stage, and red checks make their stage red",
      over,
      [80, 24],
      ["✓ doctor 1.1 s", "✓ cluster 2 min 8 s", "✗ suites 61 s, 1 check, 1 red", "✗ cluster (teardown) 2.0 s"],
    ],
  ])("%s.", ([, progress, [columns, rows], lines]) => {
    expect(treeLines(progress(), now, { columns, rows }, plain)).toEqual(lines);
  });

  test("has colours that do not count as width.", () => {
    const lines = treeLines(checking(), now, { columns: 40, rows: 24 }, styleFor({}));
    expect(lines).toEqual([
      "\u001B[32m✓\u001B[39m doctor \u001B[2m1.1 s\u001B[22m",
      "\u001B[32m✓\u001B[39m cluster \u001B[2m2 min 8 s\u001B[22m",
      "\u001B[1m● suites\u001B[22m 12 s, 1 of 5, \u001B[31m1 red\u001B[39m",
      "  a/2 \u001B[2m3 s\u001B[22m",
      "  a/3 \u001B[2m2 s\u001B[22m",
      "  a/4 \u001B[2m1 s\u001B[22m",
    ]);
  });
});

test.for([
  [0.04, "0.0 s"],
  [9.94, "9.9 s"],
  [9.96, "10 s"],
  [99.4, "99 s"],
  [99.6, "1 min 40 s"],
  [3_599.7, "60 min 0 s"],
] as const)("%d seconds are `%s`.", ([seconds, text]) => {
  expect(duration(seconds)).toBe(text);
});
