import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { sampleReport, sampleStage } from "../../reports/sample.ts";
import { liveConsole } from "./live.ts";
import { newScreen } from "./screen.fixture.ts";

const place = { round: "", ended: 0, checks: 2 };
const check = {
  id: "a/b",
  title: "It is.",
  seconds: 1,
  properties: {},
  attachments: ["diagnostics/a/b/events.txt"],
};
const cluster = { title: "cluster", phase: "setup" } as const;
const suites = { title: "suites", phase: "setup" } as const;

function live() {
  const screen = newScreen(60, 12);
  const console = liveConsole(screen, { NO_COLOR: "1" });
  onTestFinished(console.close);
  /** What is to be seen after the next picture. */
  const lines = () => {
    vi.advanceTimersByTime(200);
    return screen.lines();
  };
  return { screen, console, lines };
}

describe("the live console", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("writes nothing before there is something to show.", () => {
    const { screen, console } = live();
    vi.advanceTimersByTime(1_000);
    console.close();
    expect(screen.writes).toBe(0);
  });

  test("shows the lines of the stage under way below it, and forgets them when it has passed.", () => {
    const { console, lines } = live();
    console.stageBegan(cluster);
    console.log.scope("lab").step(1, 3, "image\r pause\u001B[2J");
    console.log.debug("detail");
    expect(lines()).toEqual(["● cluster 0 s", "  [lab] 1/3 image pause (0 s)"]);
    console.stageEnded(sampleStage({ seconds: 42 }));
    console.stageBegan(suites);
    expect(lines()).toEqual(["✓ cluster 42 s", "● suites 0 s"]);
  });

  test("keeps the lines of a stage that failed, and why it did.", () => {
    const { console, lines } = live();
    console.stageBegan(cluster);
    console.log.scope("lab").info("the API server is ready");
    console.stageEnded(sampleStage({ outcome: "failed", seconds: 42, error: { type: "E", message: "No\nnode." } }));
    expect(lines()).toEqual([
      "[lab] the API server is ready",
      "stage cluster failed (42.0 s)",
      "No",
      "node.",
      "✗ cluster 42 s",
    ]);
  });

  test("keeps red checks, warnings and what the run itself says above what is live.", () => {
    const { console, lines } = live();
    console.stageBegan(suites);
    console.checkBegan("a/b", place);
    console.checkBegan("a/c", place);
    vi.advanceTimersByTime(3_000);
    const failure = { type: "E", message: "reset", expected: "200", actual: "\u001B[31mreset\u001B[0m\r\u0007" };
    console.checkEnded({ ...check, outcome: "failed", failure }, { ...place, ended: 1 });
    console.log.warn("disk nearly full");
    console.log.info("namespaces kept: one");
    expect(lines()).toEqual([
      "FAIL  a/b (1.0 s)",
      "      reset",
      "      expected: 200",
      "      got:      reset",
      "      evidence: diagnostics/a/b/events.txt",
      "warning: disk nearly full",
      "namespaces kept: one",
      "● suites 3 s, 1 of 2, 1 red",
      "  a/c 3 s",
    ]);
    console.checkEnded({ ...check, id: "a/c", outcome: "passed" }, { ...place, ended: 2 });
    expect(lines().slice(-2)).toEqual(["namespaces kept: one", "● suites 3 s, 2 of 2, 1 red"]);
  });

  test("tells a check that passed at its second try, and in which round it did.", () => {
    const { console, lines } = live();
    console.stageBegan(suites);
    console.checkEnded({ ...check, outcome: "passed", attempt: 2 }, { round: "try 2", ended: 1, checks: 1 });
    expect(lines()).toEqual(["[try 2] FLAKY a/b (1.0 s)", "● suites 0 s, try 2: 1 of 1, 1 flaky"]);
  });

  test("ends with all stages, the red checks once more and the verdict, and prints plainly from then on.", () => {
    const { screen, console } = live();
    console.stageBegan(cluster);
    console.stageEnded(sampleStage({ seconds: 42 }));
    console.report(sampleReport(), "out", []);
    console.log.info("kept");
    const lines = [
      "✓ cluster 42 s",
      "FAIL  inbound/strict: Plaintext is reset under STRICT",
      "1 checks skipped, the first because: two-nodes: the cluster",
      "has one node",
      "report: out",
      "verdict: failed after 91 s, exit code 1",
      "kept",
    ];
    expect(screen.lines()).toEqual(lines);
    expect(screen.cursorShown).toBe(true);
    console.close();
    vi.advanceTimersByTime(1_000);
    expect(screen.lines()).toEqual(lines);
  });

  test("gives the terminal back while the process is stopped, and paints again when it goes on.", () => {
    const kill = vi.spyOn(process, "kill").mockReturnValue(true);
    onTestFinished(() => kill.mockRestore());
    const before = { stop: process.listeners("SIGTSTP"), go: process.listeners("SIGCONT") };
    const { screen, console } = live();
    console.stageBegan(cluster);
    const [stop] = process.listeners("SIGTSTP").filter((listener) => !before.stop.includes(listener));
    const [go] = process.listeners("SIGCONT").filter((listener) => !before.go.includes(listener));
    stop?.("SIGTSTP");
    expect(kill).toHaveBeenCalledWith(process.pid, "SIGSTOP");
    expect(screen.lines()).toEqual([]);
    expect(screen.cursorShown).toBe(true);
    screen.write("[1]+ Stopped\n");
    go?.("SIGCONT");
    expect(screen.lines()).toEqual(["[1]+ Stopped", "● cluster 0 s"]);
    expect(screen.cursorShown).toBe(false);
  });

  test("leaves a process that ends in the middle of a stage with the stage as it stands and a cursor.", () => {
    const before = process.listeners("exit");
    const { screen, console } = live();
    console.stageBegan(cluster);
    console.log.scope("lab").info("the API server is ready");
    console.log.info("namespaces kept: one");
    console.log.warn("SIGINT again: ending at once.");
    const [added] = process.listeners("exit").filter((listener) => !before.includes(listener));
    added?.(4);
    expect(screen.lines()).toEqual([
      "namespaces kept: one",
      "warning: SIGINT again: ending at once.",
      "● cluster 0 s",
      "  [lab] the API server is ready",
    ]);
    expect(screen.cursorShown).toBe(true);
    expect(process.listeners("exit")).toEqual(before);
  });
});
