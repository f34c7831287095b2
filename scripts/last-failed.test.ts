import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { CaseOutcome } from "../reports/model.ts";
import { lastFailed } from "./last-failed.ts";

async function runWith(outcomes: Record<string, CaseOutcome>): Promise<string> {
  const out = await mkdtemp(join(tmpdir(), "vmesh-last-"));
  onTestFinished(() => rm(out, { recursive: true }));
  await mkdir(join(out, "latest"));
  const cases = Object.entries(outcomes).map(([id, outcome]) => ({ id, outcome }));
  await writeFile(join(out, "latest", "report.json"), JSON.stringify({ runId: "run-1", cases }));
  return out;
}

test("Run again is what failed, had an error or was flaky", async () => {
  const out = await runWith({ a: "failed", b: "error", c: "flaky", d: "passed", e: "skipped" });
  expect(await lastFailed(out)).toEqual(["a", "b", "c"]);
});

test("A check is named once, whatever of it was red, and what belongs to none is left out", async () => {
  const out = await runWith({
    "a/x#around": "error",
    "a/x#second test": "failed",
    "vmesh/unhandled-error-1": "error",
    "a/y": "flaky",
  });
  expect(await lastFailed(out)).toEqual(["a/x", "a/y"]);
});

test.for<[string, () => Promise<string>, string]>([
  ["nothing was red", () => runWith({ d: "passed" }), "No check was red or flaky in the last run, run-1."],
  [
    "nothing but errors outside of every check was red",
    () => runWith({ "vmesh/unhandled-error-1": "error", d: "passed" }),
    "Only errors outside of every check were red in the last run, run-1.",
  ],
  ["there was no run", async () => "/nowhere", "There is no run whose red checks could be run again"],
])("It is a usage error if %s", async ([, folder, message]) => {
  await expect(lastFailed(await folder())).rejects.toMatchObject({
    kind: "usage",
    message: expect.stringContaining(message),
  });
});
