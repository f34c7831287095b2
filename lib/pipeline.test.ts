import { describe, expect, test } from "vitest";
import { interruptedError } from "./errors.ts";
import { runPipeline } from "./pipeline.ts";
import type { Stage, StageRecord } from "./pipeline.ts";

interface Fault {
  setup?: unknown;
  teardown?: unknown;
}

async function run(
  faults: Record<string, Fault>,
  signal = new AbortController().signal,
  during?: (title: string) => void,
) {
  const calls: string[] = [];
  const records: StageRecord[] = [];
  const stages: Stage<string[]>[] = Object.entries(faults).map(([title, fault]) => ({
    title,
    async setup(context) {
      context.push(`+${title}`);
      during?.(title);
      if (fault.setup) throw fault.setup;
    },
    async teardown(context) {
      context.push(`-${title}`);
      if (fault.teardown) throw fault.teardown;
    },
  }));
  const result = await runPipeline(stages, calls, { signal, onStage: (record) => records.push(record) });
  return { calls: calls.join(" "), result, records };
}

describe("runPipeline", () => {
  test("sets up in order and tears down in reverse.", async () => {
    const { calls, result, records } = await run({ a: {}, b: {}, c: {} });
    expect(calls).toBe("+a +b +c -c -b -a");
    expect(result).toEqual({ outcome: "passed" });
    expect(records.map(({ title, phase, outcome }) => `${phase} ${title} ${outcome}`)).toEqual([
      "setup a passed",
      "setup b passed",
      "setup c passed",
      "teardown c passed",
      "teardown b passed",
      "teardown a passed",
    ]);
  });

  test("says that a stage begins before it does anything.", async () => {
    const calls: string[] = [];
    const stage: Stage<string[]> = {
      title: "a",
      setup: async () => void calls.push("setup"),
      teardown: async () => void calls.push("teardown"),
    };
    await runPipeline([stage, { title: "b" }], calls, {
      signal: new AbortController().signal,
      onBegin: ({ title, phase }) => calls.push(`${title} ${phase} begins`),
      onStage: ({ title, phase }) => calls.push(`${title} ${phase} ends`),
    });
    expect(calls).toEqual([
      "a setup begins",
      "setup",
      "a setup ends",
      "b setup begins",
      "b setup ends",
      "a teardown begins",
      "teardown",
      "a teardown ends",
    ]);
  });

  test("stops at the first failure and tears down what was begun, the failed stage included.", async () => {
    const error = new Error("no disk");
    const { calls, result, records } = await run({ a: {}, b: { setup: error }, c: {} });
    expect(calls).toBe("+a +b -b -a");
    expect(result).toEqual({ outcome: "failed", error });
    expect(records[1]).toMatchObject({ title: "b", phase: "setup", outcome: "failed", error });
  });

  test("keeps the first error when the clean-up fails too, and cleans up the rest.", async () => {
    const [first, second] = [new Error("first"), new Error("second")];
    const { calls, result, records } = await run({ a: {}, b: { setup: first, teardown: second } });
    expect(calls).toBe("+a +b -b -a");
    expect(result.error).toBe(first);
    expect(records[2]).toMatchObject({ phase: "teardown", outcome: "failed", error: second });
  });

  test("fails when only the clean-up does.", async () => {
    const error = new Error("left behind");
    expect((await run({ a: { teardown: error } })).result).toEqual({ outcome: "failed", error });
  });

  test("begins no further stage after an interrupt.", async () => {
    const controller = new AbortController();
    const { calls, result } = await run({ a: {}, b: {} }, controller.signal, () =>
      controller.abort(new Error("Ctrl-C")),
    );
    expect(calls).toBe("+a -a");
    expect(result).toMatchObject({ outcome: "interrupted", error: { message: "Ctrl-C" } });
  });

  test("an abort by a deadline is `timedout`.", async () => {
    const { calls, result } = await run({ a: {} }, AbortSignal.abort(new DOMException("late", "TimeoutError")));
    expect(calls).toBe("");
    expect(result.outcome).toBe("timedout");
  });

  test("a stage that ends with an interrupted error makes the run interrupted.", async () => {
    const { result, records } = await run({ a: { setup: interruptedError("stopped") } });
    expect(result.outcome).toBe("interrupted");
    expect(records[0]?.outcome).toBe("interrupted");
  });

  test("a stage that throws before its first await fails like any other.", async () => {
    const error = new Error("at once");
    const stage: Stage<null> = {
      title: "a",
      setup() {
        throw error;
      },
    };
    const { signal } = new AbortController();
    expect(await runPipeline([stage], null, { signal, onStage: () => {} })).toEqual({ outcome: "failed", error });
  });
});
