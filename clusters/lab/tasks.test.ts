import { expect, test } from "vitest";
import { once, slots } from "./tasks.ts";

test("no more tasks run at a time than there are slots, and a failure frees its slot", async () => {
  const slot = slots(2);
  let running = 0;
  let most = 0;
  const outcomes = await Promise.allSettled(
    [1, 2, 3, 4, 5].map((number) =>
      slot(async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        if (number === 2) throw new Error("two");
        return number;
      }),
    ),
  );
  expect(most).toBe(2);
  expect(outcomes.map((outcome) => outcome.status)).toEqual([
    "fulfilled",
    "rejected",
    "fulfilled",
    "fulfilled",
    "fulfilled",
  ]);
});

test("work that is wanted twice is done once, at the first call", async () => {
  let calls = 0;
  const work = once(async () => (calls += 1));
  expect(calls).toBe(0);
  expect(await Promise.all([work(), work()])).toEqual([1, 1]);
});
