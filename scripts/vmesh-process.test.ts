import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { HarnessError } from "../lib/errors.ts";
import { eventually } from "../lib/wait.ts";
import { callProgram, latestReport } from "./vmesh-process.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vmesh-process-"));
});
afterEach(() => rm(folder, { recursive: true }));

const never = new AbortController().signal;
const outputFile = () => join(folder, "output.log");
const output = () => readFile(outputFile(), "utf8");

async function program(...lines: string[]): Promise<string> {
  const path = join(folder, "program");
  await writeFile(path, ["#!/bin/sh", ...lines, ""].join("\n"));
  await chmod(path, 0o700);
  return path;
}

test("A program that ends as accepted takes some seconds, and its output is in the file.", async () => {
  const path = await program('echo "run $1 $COLOUR"; echo trouble >&2; exit 1');
  const options = { outputFile: outputFile(), accept: [0, 1], signal: never, env: { COLOUR: "red" } };
  expect(await callProgram(path, ["all"], options)).toBeGreaterThan(0);
  expect(await output()).toBe("run all red\ntrouble\n");
});

test("Another exit code is an error with the end of the output.", async () => {
  const path = await program("echo the disk is full", "exit 3");
  const call = callProgram(path, ["up"], { outputFile: outputFile(), accept: [0, 1], signal: never });
  await expect(call).rejects.toMatchObject({
    kind: "environment",
    message: expect.stringMatching(/program up` ended with exit code 3, expected 0 or 1\.$/),
    evidence: "the disk is full",
  });
});

test("At an abort the program gets one SIGTERM, and the call lasts until it has cleaned up.", async () => {
  const path = await program(
    "trap 'echo asked; sleep 0.2; echo clean; exit 0' TERM",
    "echo begun",
    "while :; do sleep 0.05; done",
  );
  const abort = new AbortController();
  const call = callProgram(path, [], { outputFile: outputFile(), accept: [0], signal: abort.signal });
  const outcome = call.catch((error: unknown) => error);
  await eventually({ what: "the program has begun", budgetMs: 5_000, intervalMs: 20 }, async () => {
    expect(await output()).toContain("begun");
  });
  abort.abort(new Error("Ctrl-C"));
  const error = await outcome;
  expect(error).toBeInstanceOf(HarnessError);
  expect(error).toMatchObject({ kind: "interrupted" });
  expect(await output()).toBe("begun\nasked\nclean\n");
});

test("A run that left no report is an environment error that says where one was expected.", async () => {
  const error = await latestReport(folder).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    kind: "environment",
    message: `The last run with \`--out ${folder}\` left no report that can be read.`,
    cause: { message: `There is no report at \`${folder}/latest\`.` },
  });
});

test("What a program finds is judged by its caller, so it does not speak to GitHub.", async () => {
  vi.stubEnv("GITHUB_ACTIONS", "true");
  vi.stubEnv("GITHUB_STEP_SUMMARY", "/summary.md");
  onTestFinished(() => void vi.unstubAllEnvs());
  const path = await program('echo "${GITHUB_ACTIONS-unset} ${GITHUB_STEP_SUMMARY-unset}"');
  await callProgram(path, [], { outputFile: outputFile(), accept: [0], signal: never });
  expect(await output()).toBe("unset unset\n");
});
