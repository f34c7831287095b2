import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "./command.ts";
import { eventually } from "./wait.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const timeoutMs = 10_000;
const node = (script: string) => [process.execPath, ["-e", script]] as const;

test("A command that ends well gives its output.", async () => {
  const script = "console.log(process.env.A, process.cwd()); console.error('note')";
  const result = await run(...node(script), { timeoutMs, env: { A: "b" }, cwd: "/" });
  expect(result).toEqual({ stdout: "b /", stderr: "note", exitCode: 0 });
});

test("A command gets the input it is given and nothing else.", async () => {
  expect((await run("cat", [], { timeoutMs, input: "text" })).stdout).toBe("text");
  expect((await run("cat", [], { timeoutMs })).stdout).toBe("");
});

test("A file can be the standard input.", async () => {
  const file = join(await temporaryFolder(), "input");
  await writeFile(file, "of a file");
  expect((await run("cat", [], { timeoutMs, inputFile: file })).stdout).toBe("of a file");
});

test("A non-zero exit code is an environment error with the last 20 lines of output.", async () => {
  const script = "for (let i = 1; i <= 30; i++) console.log('line ' + i); process.exitCode = 7";
  const error = await run(...node(script), { timeoutMs }).catch((error: unknown) => error);
  expect(error).toMatchObject({
    kind: "environment",
    message: expect.stringContaining("ended with exit code 7, expected 0."),
  });
  const evidence = (error as { evidence: string }).evidence.split("\n");
  expect([evidence.length, evidence[0], evidence.at(-1)]).toEqual([20, "line 11", "line 30"]);
});

test("A non-zero exit code is a result where failure is allowed.", async () => {
  const result = await run(...node("process.exitCode = 3"), { timeoutMs, allowFailure: true });
  expect(result.exitCode).toBe(3);
});

test("A program that is not there is named, even where failure is allowed.", async () => {
  await expect(run("no-such-program", ["x"], { timeoutMs, allowFailure: true })).rejects.toMatchObject({
    kind: "environment",
    message: expect.stringContaining("`no-such-program x` cannot be started"),
    hint: "install `no-such-program`, or put it in PATH",
  });
});

test("A timeout ends the command and the processes it started.", async () => {
  const folder = await temporaryFolder();
  const pidFile = join(folder, "pid");
  const work = run("sh", ["-c", `sleep 60 & echo $! > ${pidFile}; wait`], { timeoutMs: 500 });
  await expect(work).rejects.toMatchObject({
    kind: "environment",
    message: expect.stringContaining("did not end within 0.5 s"),
  });
  await isGone(Number(await readFile(pidFile, "utf8")));
});

test("An abort is an interrupted error and ends the descendants as well.", async () => {
  const folder = await temporaryFolder();
  const pidFile = join(folder, "pid");
  const controller = new AbortController();
  const work = run("sh", ["-c", `sleep 60 & echo $! > ${pidFile}; wait`], { timeoutMs, signal: controller.signal });
  const ended = expect(work).rejects.toMatchObject({
    kind: "interrupted",
    message: expect.stringContaining("was interrupted"),
  });
  const started = { what: "the command started", budgetMs: 5_000, intervalMs: 20 };
  const pid = await eventually(started, async () => {
    const found = Number(await readFile(pidFile, "utf8"));
    if (!found) throw new Error("no pid yet");
    return found;
  });
  controller.abort();
  await ended;
  await isGone(pid);
});

test.runIf(existsSync("/usr/bin/setpriv"))("A command can be bound to a process that is killed.", async () => {
  const pidFile = join(await temporaryFolder(), "pid");
  const module = JSON.stringify(new URL("command.ts", import.meta.url).href);
  const script = `const { run } = await import(${module});
    await run("sh", ["-c", "echo $$ > ${pidFile}; exec sleep 60"], { timeoutMs: 60000, diesWithParent: true });`;
  const parent = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: "ignore" });
  const pid = await eventually({ what: "the command started", budgetMs: 10_000, intervalMs: 50 }, async () => {
    const found = Number(await readFile(pidFile, "utf8"));
    if (!found) throw new Error("no pid yet");
    return found;
  });
  parent.kill("SIGKILL");
  await isGone(pid);
});

test("All output is appended to the output file as well.", async () => {
  const outputFile = join(await temporaryFolder(), "log");
  for (const word of ["one", "two"])
    await run(...node(`console.log('${word}'); console.error('e')`), { timeoutMs, outputFile });
  const lines = (await readFile(outputFile, "utf8")).trim().split("\n");
  expect(lines.toSorted()).toEqual(["e", "e", "one", "two"]);
});

test("Lines of standard error are heard as they come, and are in the output file as well.", async () => {
  const outputFile = join(await temporaryFolder(), "log");
  const lines: string[] = [];
  const script = "console.error('one'); console.error('two'); console.log('out')";
  const { stderr } = await run(...node(script), { timeoutMs, outputFile, onLine: (line) => lines.push(line) });
  expect([lines, stderr]).toEqual([["one", "two"], "one\ntwo"]);
  expect((await readFile(outputFile, "utf8")).trim().split("\n").toSorted()).toEqual(["one", "out", "two"]);
});

async function isGone(pid: number): Promise<void> {
  await eventually({ what: `process ${pid} is gone`, budgetMs: 5_000, intervalMs: 50 }, async () => {
    const state = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "gone");
    // A zombie has ended; it waits for whoever adopted it.
    if (state !== "gone" && !/\) Z /.test(state)) throw new Error(`it is there: ${state}`);
  });
}
