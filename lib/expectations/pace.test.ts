import { expect, test } from "vitest";
import { paceOf } from "./pace.ts";

const ended = (loggedAt: number, ms: number) => ({ outcome: "reset", error: "", ms, loggedAt }) as const;

test("The pace of a loop is what its log says, and one line that came late does not move the pause.", () => {
  const exchanges = [ended(1_000, 5), ended(2_200, 200), ended(3_900, 100), ended(4_600, 200), ended(6_000, 400)];
  expect(paceOf(exchanges)).toEqual({ perSecond: 0.8, pause: 1 });
});

test("There is no pace of exchanges without a time, or of a single one.", () => {
  expect(() => paceOf([{ outcome: "reset", error: "", ms: 1 }])).toThrow(TypeError);
  expect(() => paceOf([ended(1_000, 5)])).toThrow(TypeError);
});
