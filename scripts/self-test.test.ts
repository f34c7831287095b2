import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { eventually } from "../lib/wait.ts";

const program = fileURLToPath(new URL("self-test.ts", import.meta.url));

type Finisher = { onTestFinished(work: () => Promise<void>): void };

/** Starts it on a tree that has these tools, shell scripts, and nothing else. */
async function start({ onTestFinished }: Finisher, tools: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), "vmesh-self-test-"));
  const bin = join(folder, "node_modules/.bin");
  await mkdir(bin, { recursive: true });
  for (const [name, text] of Object.entries(tools)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o700 });
  }
  const child = spawn(process.execPath, [program, "--no-lab"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await rm(folder, { recursive: true });
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (stderr += String(chunk)));
  const ended = once(child, "close").then(([exitCode]) => ({ exitCode: exitCode as number | null, stdout, stderr }));
  return { folder, child, ended };
}

describe.concurrent("the tests of vmesh itself", { timeout: 30_000 }, () => {
  const green = { tsc: "exit 0", oxlint: "exit 0", oxfmt: "exit 0" };
  const vitest = `for word; do case $word in --outputFile.json=*) file=\${word#*=} ;; esac; done`;

  test("are green if every stage is, and the last line counts them", async (context) => {
    const results = `echo '{"numPassedTests":5,"numPendingTests":2}' > "$file"`;
    const { exitCode, stdout } = await (await start(context, { ...green, vitest: `${vitest}\n${results}` })).ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "8 passed, 0 failed, 2 skipped\n" });
  });

  test.for([
    ["a tool that finds something", { ...green, oxlint: "echo 'no semicolon'; exit 1" }, "no semicolon"],
    ["a tool that is not there", { tsc: "exit 0", oxfmt: "exit 0" }, "cannot be started"],
    ["results cut in half", { ...green, vitest: `${vitest}; printf '{"num' > "$file"` }, "JSON"],
    [
      "results cut in half by an error",
      { ...green, vitest: `${vitest}; printf '{"num' > "$file"; echo why; exit 1` },
      "why",
    ],
  ] as const)("are red with %s, told and counted", async ([, tools, message], context) => {
    const complete = { vitest: `${vitest}; echo '{"numPassedTests":1}' > "$file"`, ...tools };
    const { exitCode, stdout, stderr } = await (await start(context, complete)).ended;
    expect(stderr).toContain(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "3 passed, 1 failed, 0 skipped\n" });
  });

  test("name what is red, and why, before all other output and after it", async (context) => {
    const file = { name: "a.test.ts", status: "failed" };
    const red = {
      fullName: "a sum is right",
      status: "failed",
      failureMessages: ["expected 3, got 4\n  at a.test.ts:1"],
    };
    const results = JSON.stringify({ numFailedTests: 1, testResults: [{ ...file, assertionResults: [red] }] });
    const tool = `${vitest}; printf %s '${results}' > "$file"; echo much output; exit 1`;
    const { exitCode, stderr } = await (await start(context, { ...green, vitest: tool })).ended;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/exit code 1\)\nred: a\.test\.ts: a sum is right\n {2}expected 3, got 4\n[^]*much output/);
    expect(stderr).toMatch(/much output[^]*\nred: a\.test\.ts: a sum is right: expected 3, got 4\n$/);
  });

  test.for(["SIGINT", "SIGTERM"] as const)("end everything at %s, count, and exit with 4", async (name, context) => {
    const { folder, child, ended } = await start(context, { ...green, vitest: "echo $$ > pid; sleep 60" });
    const pid = await eventually({ what: "the tests run", budgetMs: 10_000, intervalMs: 50 }, async () => {
      const text = await readFile(join(folder, "pid"), "utf8");
      // The shell opens the file before it writes to it; and process 0 would be this test's own group.
      expect(text).toMatch(/^\d+\n$/);
      return Number(text);
    });
    child.kill(name);
    const { exitCode, stdout } = await ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: "3 passed, 1 failed, 0 skipped\n" });
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });
});
