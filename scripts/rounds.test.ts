import { expect, test } from "vitest";
import type { JournalEvent } from "../reports/journal.ts";
import { redIn, type Round, roundInWords, roundsOf } from "./rounds.ts";

const at = "2026-01-02T03:04:05.000Z";
const started = (id: string, round: Partial<Round> = {}): JournalEvent => ({
  event: "started",
  at,
  id,
  title: id,
  ...round,
});
const ended = (id: string, outcome: "passed" | "failed" | "error", round: Partial<Round> = {}): JournalEvent => ({
  event: "ended",
  at,
  result: { id, title: id, outcome, seconds: 1, properties: {}, attachments: [], ...round },
});

test("Every repetition has as many tries as were allowed", () => {
  expect([...roundsOf({ repeat: 2, untilFailure: false, retry: 1 })]).toEqual([
    { repetition: 1, attempt: 1 },
    { repetition: 1, attempt: 2 },
    { repetition: 2, attempt: 1 },
    { repetition: 2, attempt: 2 },
  ]);
});

test("Without a wish there is one round, and until a failure there are more than anyone waits for", () => {
  expect([...roundsOf({ repeat: undefined, untilFailure: false, retry: 0 })]).toHaveLength(1);
  let seen = 0;
  for (const _ of roundsOf({ repeat: undefined, untilFailure: true, retry: 0 })) if ((seen += 1) > 20_000) break;
  expect(seen).toBe(20_001);
  expect([...roundsOf({ repeat: 3, untilFailure: true, retry: 0 })]).toHaveLength(3);
});

test("Red in a round is what failed, had an error or never ended in it, and nothing of other rounds", () => {
  const events = [
    ...["a", "b", "c", "d"].map((id) => started(id)),
    ended("a", "failed"),
    ended("b", "error"),
    ended("c", "passed"),
    started("a", { attempt: 2 }),
    ended("a", "passed", { attempt: 2 }),
    ended("e", "failed", { repetition: 2 }),
  ];
  expect(redIn(events, { repetition: 1, attempt: 1 })).toEqual(["a", "b", "d"]);
  expect(redIn(events, { repetition: 1, attempt: 2 })).toEqual([]);
  expect(redIn(events, { repetition: 2, attempt: 1 })).toEqual(["e"]);
});

test.for<[Round, number | undefined, boolean, string]>([
  [{ repetition: 1, attempt: 1 }, undefined, false, ""],
  [{ repetition: 1, attempt: 2 }, undefined, false, "try 2"],
  [{ repetition: 2, attempt: 3 }, 10, false, "repetition 2 of 10, try 3"],
  [{ repetition: 2, attempt: 1 }, undefined, true, "repetition 2"],
])("The round %j of %s repetitions reads `%s`", ([round, repeat, untilFailure, words]) => {
  expect(roundInWords(round, { repeat, untilFailure })).toBe(words);
});
