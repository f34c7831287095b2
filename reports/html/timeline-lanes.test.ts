import { expect, test } from "vitest";
import type { CaseOutcome } from "../model.ts";
import { lanesOf } from "./timeline-lanes.ts";

const span = (start: number, end: number, outcome: CaseOutcome = "passed") => ({
  start,
  end,
  outcome,
  title: `${start}`,
});
const titles = (spans: Parameters<typeof lanesOf>[0], grain = 0) =>
  lanesOf(spans, grain).lanes.map((lane) => lane.map(({ title }) => title));

test.for([
  ["that follow each other share a lane", [span(0, 10), span(10, 20)], [["0", "10"]]],
  ["that overlap do not", [span(0, 10), span(5, 20)], [["0"], ["5"]]],
  ["take the first lane that is free", [span(0, 10), span(5, 30), span(12, 20)], [["0", "12"], ["5"]]],
  ["are put in their order", [span(10, 20), span(0, 10)], [["0", "10"]]],
  ["that seem to overlap by a millisecond follow each other", [span(0, 10.001), span(10, 20)], [["0", "10"]]],
] as const)("Spans %s.", ([, spans, lanes]) => {
  expect(titles(spans)).toEqual(lanes);
});

test("Spans too short to be told apart are one bar, with the gravest of their ends.", () => {
  const { lanes } = lanesOf([span(0, 1), span(1, 2, "failed"), span(2, 3), span(3, 20)], 5);
  const [lane] = lanes;
  expect(lane).toMatchObject([
    { start: 0, end: 3, outcome: "failed", spans: [{}, {}, {}] },
    { start: 3, end: 20, outcome: "passed", spans: [{}] },
  ]);
});

test("However many spans there are, a lane has no more bars than it has grains.", () => {
  const many = Array.from({ length: 20_000 }, (_, index) =>
    span(index, index + 1, index % 3 === 0 ? "failed" : "passed"),
  );
  const {
    lanes: [lane = []],
  } = lanesOf(many, 100);
  expect(lane.length).toBeLessThanOrEqual(200);
  expect(lane.reduce((sum, { spans }) => sum + spans.length, 0)).toBe(20_000);
});

test("Of very many spans at the same time some have lanes, and the others are counted.", () => {
  const { lanes, left } = lanesOf(
    Array.from({ length: 1_000 }, () => span(0, 10)),
    1,
  );
  expect([lanes.length, left]).toEqual([24, 976]);
});
