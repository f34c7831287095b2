import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { sampleReport, sampleStage } from "../../reports/sample.ts";
import { plainConsole, type PlainOptions } from "./plain.ts";

const place = { round: "", ended: 0, checks: 1 };
const check = { id: "a/b", title: "It is.", seconds: 1, properties: {}, attachments: [] };
const red = { ...check, outcome: "failed" as const, failure: { type: "E", message: "reset" } };

/** Part of a run, as all of these consoles are told it. */
function linesOf(options: Partial<PlainOptions>): string[] {
  let text = "";
  const write = (line: string) => (text += line);
  const console = plainConsole({ write, verbose: false, timestamps: false, groups: false, ...options });
  const cluster = sampleStage({ seconds: 2 });
  console.stageBegan(cluster);
  console.log.scope("lab").step(1, 2, "image ##[error]x");
  console.log.warn("disk nearly full");
  console.log.info("two nodes");
  console.stageEnded(cluster);
  const suites = sampleStage({
    title: "suites",
    outcome: "failed",
    seconds: 3,
    error: { type: "E", message: "gone\nfor good" },
  });
  console.stageBegan(suites);
  console.checkBegan("a/b", place);
  console.checkEnded(red, { ...place, ended: 1 });
  console.checkEnded({ ...check, outcome: "passed", attempt: 2 }, { round: "try 2", ended: 1, checks: 1 });
  console.stageEnded(suites);
  console.report(sampleReport({ cases: [], seconds: 5 }), "out", []);
  console.close();
  expect(text.endsWith("\n")).toBe(true);
  return text.trimEnd().split("\n");
}

const end = ["report: out", "verdict: failed after 5 s, exit code 1"];

describe("plain lines", () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date("2026-01-02T03:04:05.678Z") }));
  afterEach(() => void vi.useRealTimers());

  test("say one fact each.", () => {
    expect(linesOf({})).toEqual([
      "[lab] 1/2 image ##[error]x (0 s)",
      "warning: disk nearly full",
      "two nodes",
      "stage cluster done (2.0 s)",
      "[1/1] FAIL  a/b (1.0 s)",
      "[1/1]       reset",
      "[try 2: 1/1] FLAKY a/b (1.0 s)",
      "warning: stage suites failed (3.0 s)",
      "gone",
      "for good",
      ...end,
    ]);
  });

  test("say when stages and checks begin, if they are verbose.", () => {
    expect(linesOf({ verbose: true }).filter((line) => /start|begins/.test(line))).toEqual([
      "stage cluster begins",
      "stage suites begins",
      "start a/b",
    ]);
  });

  test("begin with the time of day in CI, every single one.", () => {
    expect(linesOf({ timestamps: true })).toEqual(linesOf({}).map((line) => `03:04:05Z ${line}`));
  });

  test("of a stage are a group on GitHub, but warnings and checks are not folded away, nor is a line a command.", () => {
    expect(linesOf({ groups: true, timestamps: true })).toEqual([
      "::group::stage cluster",
      "03:04:05Z [lab] 1/2 image ## [error]x (0 s)",
      "::endgroup::",
      "03:04:05Z warning: disk nearly full",
      "::group::stage cluster",
      "03:04:05Z two nodes",
      "::endgroup::",
      "03:04:05Z stage cluster done (2.0 s)",
      "03:04:05Z [1/1] FAIL  a/b (1.0 s)",
      "03:04:05Z [1/1]       reset",
      "03:04:05Z [try 2: 1/1] FLAKY a/b (1.0 s)",
      "03:04:05Z warning: stage suites failed (3.0 s)",
      "03:04:05Z gone",
      "03:04:05Z for good",
      ...end.map((line) => `03:04:05Z ${line}`),
    ]);
  });

  test("tell at SIGQUIT what is under way, until the console is closed.", () => {
    const lines: string[] = [];
    const before = process.listeners("SIGQUIT");
    const console = plainConsole({
      write: (line) => lines.push(line),
      verbose: false,
      timestamps: false,
      groups: false,
    });
    onTestFinished(console.close);
    console.stageBegan({ title: "suites", phase: "setup" });
    console.checkBegan("a/b", place);
    vi.advanceTimersByTime(7_000);
    const [added] = process.listeners("SIGQUIT").filter((listener) => !before.includes(listener));
    added?.("SIGQUIT");
    expect(lines).toEqual(["under way: stage suites since 7 s, 0 of 1 checks\n", "under way: a/b since 7 s\n"]);
    console.close();
    expect(process.listeners("SIGQUIT")).toEqual(before);
  });
});
