import { describe, expect, test } from "vitest";
import { sampleStage } from "../../reports/sample.ts";
import {
  beginStage,
  beginCheck,
  checksInWords,
  endStage,
  endCheck,
  type End,
  hear,
  newProgress,
  underWay,
} from "./progress.ts";

const suites = { title: "suites", phase: "setup" } as const;

const place = { round: "", ended: 2, checks: 3 };

/** In the suites, with these ends behind it. */
function inSuites(...ends: End[]) {
  const progress = newProgress();
  beginStage(progress, suites, 0);
  for (const end of ends) endCheck(progress, end, place);
  return progress;
}

describe("the checks of a run", () => {
  test.for<[string, End[], string]>([
    ["all passed", [{ id: "a/1", outcome: "passed" }], "2 of 3"],
    [
      "each ended otherwise",
      [
        { id: "a/1", outcome: "failed" },
        { id: "a/2", outcome: "error" },
        { id: "a/3", outcome: "skipped" },
      ],
      "2 of 3, 2 red, 1 skipped",
    ],
    [
      "a red one passed when tried again",
      [
        { id: "a/1", outcome: "failed" },
        { id: "a/2", outcome: "passed" },
        { id: "a/1", outcome: "passed", attempt: 2 },
      ],
      "2 of 3, 1 flaky",
    ],
    [
      "one is red in one of two repetitions",
      [
        { id: "a/1", outcome: "failed" },
        { id: "a/1", outcome: "passed", repetition: 2 },
      ],
      "2 of 3, 1 red",
    ],
  ])("are counted when %s.", ([, ends, words]) => {
    expect(checksInWords(place, inSuites(...ends))).toBe(words);
  });

  test("are those of a round, which is named where there are several.", () => {
    const second = { round: "repetition 2 of 3", ended: 0, checks: 85 };
    expect(checksInWords(second, inSuites({ id: "a/1", outcome: "failed" }))).toBe("repetition 2 of 3: 0 of 85, 1 red");
  });
});

test("A step takes the place of the one before it in its scope, and the last five lines are kept.", () => {
  const progress = newProgress();
  beginStage(progress, { title: "cluster", phase: "setup" }, 0);
  const step = (name: string, text: string) => hear(progress, { kind: "step", names: ["lab", name], text });
  const shown = () => progress.current?.lines.map(({ text }) => text);
  step("go", "1/3 kubelet");
  step("images", "1/15 pause");
  hear(progress, { kind: "info", names: ["lab"], text: "two\nlines" });
  step("go", "2/3 istio");
  expect(shown()).toEqual(["[lab images] 1/15 pause", "[lab] two", "[lab] lines", "[lab go] 2/3 istio"]);
  for (const number of [1, 2, 3, 4]) hear(progress, { kind: "info", names: [], text: String(number) });
  expect(shown()).toEqual(["[lab go] 2/3 istio", "1", "2", "3", "4"]);
});

test("A stage that passed with red checks in it counts as failed, and what still ran in it is gone.", () => {
  const progress = inSuites({ id: "a/1", outcome: "failed" }, { id: "a/2", outcome: "passed" });
  beginCheck(progress, "a/3", place, 0);
  endStage(progress, sampleStage({ ...suites, seconds: 2 }));
  expect(progress).toMatchObject({ current: undefined, running: new Map() });
  expect(progress.ended).toEqual([{ name: "suites", outcome: "failed", seconds: 2, checks: "2 checks, 1 red" }]);
});

test("Stages after the red checks are judged by themselves.", () => {
  const progress = inSuites({ id: "a/1", outcome: "failed" });
  endStage(progress, sampleStage(suites));
  beginStage(progress, { title: "verify", phase: "setup" }, 0);
  endStage(progress, sampleStage({ title: "verify", seconds: 1 }));
  expect(progress.ended.at(-1)).toEqual({ name: "verify", outcome: "passed", seconds: 1 });
});

describe("what is under way", () => {
  test("is nothing before the first stage.", () => {
    expect(underWay(newProgress(), 0)).toEqual(["no stage is under way"]);
  });

  test("is a stage, and the checks in it with their seconds.", () => {
    const progress = inSuites();
    beginCheck(progress, "a/1", place, 1_000);
    beginCheck(progress, "a/2", place, 4_000);
    expect(underWay(progress, 9_000)).toEqual([
      "under way: stage suites since 9 s, 2 of 3 checks",
      "under way: a/1 since 8 s",
      "under way: a/2 since 5 s",
    ]);
  });
});
