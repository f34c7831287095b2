import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { newScreen } from "./screen.fixture.ts";

const fixture = fileURLToPath(new URL("console.fixture.ts", import.meta.url));
const [columns, rows] = [60, 10];
/** What this test itself runs in must not show. */
const neutral = { CI: undefined, GITHUB_ACTIONS: undefined, GITHUB_STEP_SUMMARY: undefined, NO_COLOR: undefined };

/** What a program leaves on a terminal of its own, which util-linux's `script` makes. */
function onTerminal(end: string, env: Readonly<Record<string, string | undefined>> = {}) {
  const command = `ulimit -c 0; stty cols ${columns} rows ${rows}; exec '${process.execPath}' '${fixture}' ${end}`;
  const { status, stdout, error } = spawnSync("script", ["-qec", command, "/dev/null"], {
    encoding: "utf8",
    timeout: 30_000,
    env: { ...process.env, ...neutral, TERM: "xterm", ...env },
  });
  if (error) throw error;
  return { status, output: stdout };
}

function screenOf(output: string) {
  const screen = newScreen(columns, rows);
  screen.write(output);
  return screen;
}

const programs = spawnSync("script", ["--version"]).status === 0;

describe("on a terminal", () => {
  const warned = "warning: disk nearly full";
  const under = ["● cluster … s", "  [lab] 1/3 image pause (0 s)"];
  const interrupted = [
    "warning: SIGTERM: cleaning up and writing the report; once m",
    "ore ends at once.",
    "[lab] 1/3 image pause (0 s)",
    "stage cluster interrupted (42.0 s)",
    "✗ cluster 42 s",
  ];
  const verdict = "verdict: failed after 91 s, exit code 1";

  test.for<[string, number, string[]]>([
    ["report", 0, [warned, "✓ cluster 42 s", "report: out", verdict, "kept"]],
    ["exit", 4, [warned, ...under]],
    ["SIGQUIT", 131, [warned, ...under]],
    ["SIGTERM", 0, [warned, ...interrupted, "report: out", verdict, "kept"]],
    ["throw", 1, [warned, ...under]],
  ])("a run that ends by %s leaves its last lines and a cursor.", ([end, exitCode, lines], { skip }) => {
    if (!programs) skip("there is no `script`, which makes a terminal");
    const { status, output } = onTerminal(end);
    const screen = screenOf(output);
    const shown = screen.lines().map((line) => line.replace(/^(● cluster) \d+/, "$1 …"));
    expect(shown.slice(0, lines.length)).toEqual(lines);
    expect(screen.cursorShown).toBe(true);
    expect(output).toContain("\u001B[?25l");
    expect(status).toBe(exitCode);
  });

  test.for([
    ["in CI", { CI: "true" }],
    ["that is dumb", { TERM: "dumb" }],
  ] as const)("%s there are plain lines and not one escape sequence.", ([, env], { skip }) => {
    if (!programs) skip("there is no `script`, which makes a terminal");
    const { output } = onTerminal("report", env);
    expect(output).toContain("[lab] 1/3 image pause (0 s)\r\n");
    expect(output).not.toContain("\u001B");
  });

  test("NO_COLOR leaves the live lines and takes the colours.", (context) => {
    if (!programs) context.skip("there is no `script`, which makes a terminal");
    const sequences = (env: Record<string, string>) => {
      const { output } = onTerminal("report", env);
      return { live: output.includes("\u001B[?25l"), colour: output.includes("\u001B[1m") };
    };
    expect(sequences({})).toEqual({ live: true, colour: true });
    expect(sequences({ NO_COLOR: "1" })).toEqual({ live: true, colour: false });
  });
});
