import { describe, expect, test } from "vitest";
import { environmentError } from "./errors.ts";
import { WaitError, consistently, converges, deadline, eventually, pause, untilAborted } from "./wait.ts";

const fast = { what: "the light is on", budgetMs: 2_000, intervalMs: 5 };
const never = () => new Promise<never>(() => {});

describe("eventually", () => {
  test("returns the value of the first probe that succeeds.", async () => {
    let attempts = 0;
    const value = await eventually(fast, async () => {
      attempts += 1;
      if (attempts < 3) throw new Error("dark");
      return attempts;
    });
    expect(value).toBe(3);
  });

  test("says what was awaited, for how long, and what was seen last.", async () => {
    const error = await eventually({ ...fast, budgetMs: 60 }, async () => Promise.reject(new Error("dark"))).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(WaitError);
    expect(error).toMatchObject({
      kind: "environment",
      message: expect.stringMatching(/^Not true within 0.06 s: the light is on\. Last of \d+ observations: dark$/),
      last: expect.objectContaining({ message: "dark" }),
    });
  });

  test("abandons a probe that hangs beyond the budget.", async () => {
    await expect(eventually({ ...fast, budgetMs: 50 }, never)).rejects.toThrow(
      "Last of 1 observations: none, the first one was still under way.",
    );
  });

  test("names the last finished observation when a later probe hangs.", async () => {
    let attempts = 0;
    const probe = () => ((attempts += 1) > 1 ? never() : Promise.reject(new Error("dark")));
    await expect(eventually({ ...fast, budgetMs: 80 }, probe)).rejects.toThrow("Last of 2 observations: dark");
  });

  test.each([new TypeError("x is not a function"), new ReferenceError("x is not defined")])(
    "passes on a mistake in the probe at once: %s",
    async (mistake) => {
      let attempts = 0;
      const work = eventually(fast, async () => {
        attempts += 1;
        throw mistake;
      });
      await expect(work).rejects.toBe(mistake);
      expect(attempts).toBe(1);
    },
  );

  test("goes on after a lost network connection, although fetch reports it as a TypeError.", async () => {
    let attempts = 0;
    const value = eventually(fast, async () => {
      if ((attempts += 1) === 1) throw new TypeError("fetch failed");
      return "back";
    });
    await expect(value).resolves.toBe("back");
  });

  test("goes on after a harness error, and keeps it as the last observation.", async () => {
    const cause = environmentError("no answer");
    await expect(eventually({ ...fast, budgetMs: 30 }, async () => Promise.reject(cause))).rejects.toMatchObject({
      last: cause,
    });
  });

  test("ends with an interrupted error when the signal aborts, before and during a probe.", async () => {
    const controller = new AbortController();
    const work = eventually({ ...fast, signal: controller.signal }, never);
    controller.abort();
    await expect(work).rejects.toMatchObject({
      kind: "interrupted",
      message: "Interrupted while waiting until the light is on.",
    });
    await expect(eventually({ ...fast, signal: controller.signal }, async () => 1)).rejects.toMatchObject({
      kind: "interrupted",
    });
  });

  test("gives the probe a signal that aborts at the end of the budget.", async () => {
    let given: AbortSignal | undefined;
    await eventually({ ...fast, budgetMs: 30 }, (signal) => {
      given = signal;
      return never();
    }).catch(() => undefined);
    expect(given?.aborted).toBe(true);
  });
});

describe("consistently", () => {
  test("probes for the whole time and once more at its end.", async () => {
    const started = performance.now();
    let last = 0;
    await consistently({ what: "dark", forMs: 100, intervalMs: 30 }, async () => (last = performance.now() - started));
    expect(last).toBeGreaterThanOrEqual(99);
  });

  test("fails at the first probe that does.", async () => {
    let attempts = 0;
    const work = consistently({ what: "it stays dark", forMs: 2_000, intervalMs: 5 }, async () => {
      if ((attempts += 1) === 3) throw new Error("a flash");
    });
    await expect(work).rejects.toThrow(/^No longer true after 0\.\d+ s of 2 s: it stays dark\. Observed: a flash$/);
  });

  test("fails if a probe hangs.", async () => {
    await expect(consistently({ what: "dark", forMs: 30 }, never)).rejects.toBeInstanceOf(WaitError);
  });
});

describe("converges", () => {
  const after = (outcomes: string) => {
    let attempt = 0;
    return async () => {
      if (outcomes[attempt++] === "-") throw new Error("down");
      return attempt;
    };
  };

  test.each([
    ["+++", 3],
    ["++-+++", 6],
    ["-+-++-+++", 9],
  ])("needs its successes in a row: %s ends after %i probes.", async (outcomes, expected) => {
    await expect(converges({ ...fast, times: 3 }, after(outcomes))).resolves.toBe(expected);
  });

  test("tells how far it came and why it fell back.", async () => {
    let attempt = 0;
    const flapping = async () => {
      if ((attempt += 1) % 2 === 0) throw new Error("down");
    };
    const error = await converges({ ...fast, budgetMs: 60, times: 3 }, flapping).catch((e: unknown) => e);
    expect(String(error)).toMatch(/(1 of 3 successes in a row; before that: down|observations: down)$/);
  });
});

test("A pause lasts as long as it says and ends at an abort.", async () => {
  const started = performance.now();
  await pause(30);
  expect(performance.now() - started).toBeGreaterThanOrEqual(29);
  await expect(pause(10_000, AbortSignal.abort())).rejects.toMatchObject({ kind: "interrupted" });
});

test("A deadline aborts with whatever comes first.", async () => {
  expect(deadline(10_000, AbortSignal.abort("stop")).reason).toBe("stop");
  await expect(untilAborted(deadline(10), never)).rejects.toMatchObject({ name: "TimeoutError" });
});

test("Work that ends before the abort gives its value, and its own error.", async () => {
  const { signal } = new AbortController();
  await expect(untilAborted(signal, async () => 1)).resolves.toBe(1);
  await expect(untilAborted(signal, async () => Promise.reject(new Error("own")))).rejects.toThrow("own");
});
