import { describe, expect, test } from "vitest";
import { annotations } from "./github.ts";
import { sampleCase, sampleReport, sampleStage } from "./sample.ts";

const places = {
  workspace: "/checkout",
  files: new Map([
    ["inbound/strict", "/checkout/suites/inbound/strict.test.ts"],
    ["elsewhere/strict", "/elsewhere/strict.test.ts"],
  ]),
};
const stack = [
  "    at expectRefused (/checkout/lib/expectations.ts:20:7)",
  "    at file:///checkout/suites/inbound/strict.test.ts:12:3",
  "    at /checkout/suites/inbound/strict.test.ts:40:1",
].join("\n");
const failure = { type: "AssertionError", message: "reset", stack };

type Change = Parameters<typeof sampleCase>[0];
const commands = (cases: Change[], change: Parameters<typeof sampleReport>[0] = {}) =>
  annotations(sampleReport({ stages: [], ...change, cases: cases.map(sampleCase) }), places);

describe("an annotation", () => {
  const title = "It is.";

  test.for<[string, Change, string[]]>([
    ["is not made of a check that passed", { title }, []],
    ["is not made of a check that was skipped", { title, outcome: "skipped", reason: "one node" }, []],
    [
      "names the line of the check in which it failed",
      { id: "inbound/strict", title, outcome: "failed", failure },
      ["::error file=suites/inbound/strict.test.ts,line=12,title=failed%3A inbound/strict::It is.%0Areset"],
    ],
    [
      "names the file of a second test in it",
      { id: "inbound/strict#again", title, outcome: "error", failure: { type: "E", message: "gone" } },
      ["::error file=suites/inbound/strict.test.ts,title=error%3A inbound/strict#again::It is.%0Agone"],
    ],
    [
      "names no file outside of the workspace",
      { id: "elsewhere/strict", title, outcome: "failed", failure },
      ["::error title=failed%3A elsewhere/strict::It is.%0Areset"],
    ],
    [
      "names no file that is not known",
      { id: "vmesh/unhandled-error-1", title, outcome: "error", failure },
      ["::error title=error%3A vmesh/unhandled-error-1::It is.%0Areset"],
    ],
    [
      "says what was expected and what came, and keeps every character",
      {
        id: "a/b,c",
        title: "100 % ::error::",
        outcome: "failed",
        failure: { ...failure, message: "a\r\nb%0A", expected: "1,2", actual: "3:4" },
      },
      ["::error title=failed%3A a/b%2Cc::100 %25 ::error::%0Aa%0D%0Ab%250A%0Aexpected: 1,2%0Agot: 3:4"],
    ],
    [
      "is a warning for a flaky check",
      { id: "inbound/strict", title, outcome: "flaky", failure },
      ["::warning file=suites/inbound/strict.test.ts,line=12,title=flaky%3A inbound/strict::It is.%0Areset"],
    ],
  ])("%s.", ([, change, lines]) => {
    expect(commands([change])).toEqual(lines);
  });

  test("is an error for a flaky check where flaky is red.", () => {
    const [line] = commands([{ id: "a/b", title, outcome: "flaky" }], { failOnFlaky: true });
    expect(line).toBe("::error title=flaky%3A a/b::It is.");
  });

  test("is made of a stage that failed, before those of the checks.", () => {
    const error = { type: "E", message: "No node." };
    const stages = [sampleStage(), sampleStage({ outcome: "failed", error, phase: "teardown" })];
    expect(commands([{ id: "a/b", title, outcome: "failed" }], { stages })).toEqual([
      "::error title=failed%3A stage cluster (teardown)::No node.",
      "::error title=failed%3A a/b::It is.",
    ]);
  });

  test("has a message that GitHub does not cut.", () => {
    const [line = ""] = commands([
      { title: "", outcome: "failed", failure: { type: "E", message: "%".repeat(9_000) } },
    ]);
    const message = line.split("::").at(-1) ?? "";
    expect(message.replaceAll("%25", "%").length).toBeLessThanOrEqual(4_096);
    expect(message.endsWith("%25…")).toBe(true);
  });
});

describe("annotations", () => {
  const many = (count: number, outcome: "failed" | "flaky") =>
    Array.from({ length: count }, (_, index): Change => ({ id: `${outcome}/${index + 1}`, title: "It is.", outcome }));

  test("are all there up to ten of a kind.", () => {
    const lines = commands([...many(10, "failed"), ...many(10, "flaky")]);
    expect(lines.filter((line) => line.startsWith("::error"))).toHaveLength(10);
    expect(lines.filter((line) => line.startsWith("::warning"))).toHaveLength(10);
    expect(lines[9]).toBe("::error title=failed%3A failed/10::It is.");
  });

  test("of more than ten of a kind name the rest in the tenth.", () => {
    const lines = commands([...many(12, "failed"), ...many(1, "flaky")]);
    expect(lines).toHaveLength(11);
    expect(lines[8]).toBe("::error title=failed%3A failed/9::It is.");
    expect(lines[9]).toBe("::error title=and 3 more::failed: failed/10%0Afailed: failed/11%0Afailed: failed/12");
    expect(lines[10]).toBe("::warning title=flaky%3A flaky/1::It is.");
  });
});
