import { describe, expect, test } from "vitest";
import { sampleCase, sampleReport, sampleStage } from "../../reports/sample.ts";
import { caseLines, reportLines, stageLines } from "./words.ts";

describe("a stage that ended", () => {
  const error = { type: "HarnessError", message: "No node.\nTo mend it: start one" };

  test.for([
    ["is done", {}, ["stage cluster done (42.0 s)"]],
    ["is done with its teardown", { phase: "teardown" as const }, ["stage cluster (teardown) done (42.0 s)"]],
    [
      "failed, and says why in lines of their own",
      { outcome: "failed" as const, error },
      ["stage cluster failed (42.0 s)", "No node.", "To mend it: start one"],
    ],
    ["was interrupted", { outcome: "interrupted" as const }, ["stage cluster interrupted (42.0 s)"]],
  ] as const)("%s.", ([, change, lines]) => {
    expect(stageLines(sampleStage(change))).toEqual(lines);
  });
});

describe("a check that ended", () => {
  const ended = { id: "a/b", title: "It is.", seconds: 1.26, properties: {}, attachments: [] };
  const failure = { type: "AssertionError", message: "reset\nby peer", expected: "200\nok", actual: "503" };

  test.for([
    ["is ok", { outcome: "passed" as const }, ["ok    a/b (1.3 s)"]],
    [
      "is flaky if it is ok at its second attempt",
      { outcome: "passed" as const, repetition: 3, attempt: 2 },
      ["FLAKY a/b (1.3 s)"],
    ],
    ["was skipped", { outcome: "skipped" as const, reason: "one node" }, ["skip  a/b: one node"]],
    [
      "failed, with what was expected, what came and where the evidence is, a line each",
      { outcome: "failed" as const, failure, attachments: ["diagnostics/a/b/events.txt"] },
      [
        "FAIL  a/b (1.3 s)",
        "      reset",
        "      by peer",
        "      expected: 200",
        "                ok",
        "      got:      503",
        "      evidence: diagnostics/a/b/events.txt",
      ],
    ],
    [
      "failed for a line end",
      { outcome: "failed" as const, failure: { type: "E", message: "no", expected: "a", actual: "a\n" } },
      ["FAIL  a/b (1.3 s)", "      no", '      expected: "a"', '      got:      "a\\n"'],
    ],
    [
      "is an error",
      { outcome: "error" as const, failure: { type: "E", message: "gone" } },
      ["ERROR a/b (1.3 s)", "      gone"],
    ],
  ] as const)("%s.", ([, change, lines]) => {
    expect(
      caseLines({ ...ended, ...change, attachments: [...("attachments" in change ? change.attachments : [])] }),
    ).toEqual(lines);
  });
});

describe("the end of a run", () => {
  const story = (change: Parameters<typeof sampleCase>[0]) => sampleCase({ suite: "scenarios", ...change });
  const linesOf = (cases: ReturnType<typeof sampleCase>[]) => reportLines(sampleReport({ cases }), "reports/out/x");

  test("of the scenarios alone has a line for each of them, in their words.", () => {
    const lines = linesOf([
      story({ title: "A VM is called." }),
      story({ title: "Plaintext is reset.", outcome: "failed" }),
      story({ title: "A VM calls.", outcome: "skipped", reason: "needs `external-vm`: there is none" }),
    ]);
    expect(lines).toEqual(
      expect.arrayContaining([
        "proved: A VM is called.",
        "FAILED: Plaintext is reset.",
        "skipped: A VM calls. (needs `external-vm`: there is none)",
      ]),
    );
  });

  test("of other checks as well names the red and the flaky ones alone, then report and verdict.", () => {
    const lines = linesOf([
      story({ title: "A VM is called." }),
      sampleCase({ id: "a/red", title: "Red.", outcome: "failed" }),
      sampleCase({ id: "a/broken", title: "Broken.", outcome: "error" }),
      sampleCase({ id: "a/flaky", title: "Flaky.", outcome: "flaky" }),
      sampleCase({ outcome: "skipped", reason: "one node", startedAt: undefined }),
    ]);
    expect(lines).toEqual([
      "FAIL  a/red: Red.",
      "ERROR a/broken: Broken.",
      "FLAKY a/flaky: Flaky.",
      "1 checks skipped, the first because: one node",
      "report: reports/out/x",
      "verdict: failed after 91 s, exit code 1",
    ]);
  });
});
