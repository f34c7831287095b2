import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { sampleCase, sampleReport } from "../reports/sample.ts";
import { type ConsoleOptions, openConsole } from "./console.ts";

const failure = {
  type: "AssertionError",
  message: "reset",
  stack: "    at /checkout/suites/inbound/strict.test.ts:12:3",
};
const red = sampleCase({ id: "inbound/strict", title: "It is.", outcome: "failed", failure });

/** What a run with one red check writes. */
function output(options: Omit<ConsoleOptions, "stream"> & { isTTY?: boolean }): string {
  const { isTTY = false, ...rest } = options;
  let text = "";
  const stream = { isTTY, columns: 80, rows: 24, write: (part: string) => (text += part) };
  const console = openConsole({ stream, ...rest });
  onTestFinished(console.close);
  console.stageBegan({ title: "suites", phase: "setup" });
  const checks = [{ id: "inbound/strict", file: "/checkout/suites/inbound/strict.test.ts" }];
  console.report(sampleReport({ cases: [red] }), "out", checks);
  console.close();
  return text;
}

describe("the console of a run is", () => {
  const live = "\u001B[?25l";

  test.for<[string, Parameters<typeof output>[0], "live" | "plain" | "stamped"]>([
    ["live on a terminal", { isTTY: true, environment: { TERM: "xterm" } }, "live"],
    ["live where CI says no", { isTTY: true, environment: { CI: "false" } }, "live"],
    ["plain without a terminal", { environment: { TERM: "xterm" } }, "plain"],
    ["plain on a terminal that is dumb", { isTTY: true, environment: { TERM: "dumb" } }, "plain"],
    ["plain where it is to say more", { isTTY: true, verbose: true, environment: {} }, "plain"],
    ["plain with the time in CI", { isTTY: true, environment: { CI: "true" } }, "stamped"],
    ["plain with the time on GitHub", { environment: { GITHUB_ACTIONS: "true" } }, "stamped"],
  ])("%s.", ([, options, kind]) => {
    const text = output(options);
    expect(text.includes(live)).toBe(kind === "live");
    expect(/^\d\d:\d\d:\d\dZ report: out$/m.test(text)).toBe(kind === "stamped");
    expect(text).toMatch(/report: out\n/);
  });
});

describe("on GitHub", () => {
  const github = { GITHUB_ACTIONS: "true", GITHUB_WORKSPACE: "/checkout" };
  const annotation =
    "::error file=suites/inbound/strict.test.ts,line=12,title=failed%3A inbound/strict::It is.%0Areset\n";

  test("red checks are annotations, at the line of the check.", () => {
    expect(output({ environment: github })).toContain(`\n${annotation}`);
    expect(output({ environment: { CI: "true" } })).not.toContain("::error");
  });

  test("the summary of the step gets the run, after what is there.", () => {
    const path = summaryFile("before\n");
    const text = output({ environment: { ...github, GITHUB_STEP_SUMMARY: path } });
    expect(readFileSync(path, "utf8")).toMatch(/^before\n\n\n## vmesh: failed\n[\s\S]*`inbound\/strict`/);
    expect(text).not.toContain("warning");
  });

  test.for([
    ["cannot be written", () => join(summaryFile(""), "no-folder"), "cannot be written: ENOTDIR"],
    ["has no room left", () => summaryFile("x".repeat(1024 * 1024 - 300)), "has 1048276 bytes already"],
  ] as const)("a summary that %s is a warning, and nothing else is lost.", ([, path, warning]) => {
    const file = path();
    const text = output({ environment: { ...github, GITHUB_STEP_SUMMARY: file } });
    expect(text).toMatch(new RegExp(`Z warning: The step summary \`${file}\` ${warning}`));
    expect(text).toContain(annotation);
    expect(text).toContain("verdict: failed");
  });

  test("a summary never makes the file larger than GitHub takes.", () => {
    const path = summaryFile("x".repeat(1024 * 1024 - 1_000));
    output({ environment: { ...github, GITHUB_STEP_SUMMARY: path } });
    const text = readFileSync(path);
    expect(text.length).toBeLessThanOrEqual(1024 * 1024);
    expect(text.includes("## vmesh: failed")).toBe(true);
  });
});

function summaryFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "vmesh-summary-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "summary.md");
  writeFileSync(path, text);
  return path;
}
