import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findGo } from "../clusters/lab/go.ts";
import { ensurePackages } from "../clusters/lab/host-packages.ts";
import { labPackages } from "../clusters/lab/preflight.ts";
import { exitCodes } from "../lib/errors.ts";
import { run } from "../lib/command.ts";
import { createLog, type Log } from "../lib/log.ts";
import type { Counts } from "../reports/model.ts";
import { cacheFolder } from "./cluster-state.ts";

// Called by scripts/test: static checks and unit tests side by side, then, unless --no-lab, one run on a cluster and
// the contract that every provider has to keep.

const stageTimeout = 300_000;
const contractTimeout = 1_200_000;
const { log, lab } = arguments_();
// Unit tests of the engine, the registry and the packet counter skip where their program is not installed.
if (lab) await ensurePackages(labPackages, { log });
const results = await Promise.all([
  staticStage("types", ["tsc", "--noEmit"]),
  staticStage("lint", ["oxlint", "--deny-warnings"]),
  staticStage("format", ["oxfmt", "--check"]),
  vitestProject("unit", stageTimeout),
]);
if (lab) {
  results.push(await labRun());
  // After the run, which has built what the contract's clusters are made of.
  results.push(await vitestProject("provider", contractTimeout));
  for (const module of ["workload", "container-disk"]) results.push(await goTests(module));
}
const sum = (key: keyof Counts) => results.reduce((total, counts) => total + counts[key], 0);
process.stdout.write(`${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped\n`);
process.exit(sum("failed") > 0 || sum("passed") === 0 ? exitCodes.failed : exitCodes.conformant);

function arguments_(): { log: Log; lab: boolean } {
  try {
    const { values } = parseArgs({ options: { "no-lab": { type: "boolean", default: false } } });
    return { log: createLog(), lab: !values["no-lab"] };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\nUsage: scripts/test [--no-lab]\n`);
    return process.exit(exitCodes.usage);
  }
}

/** Runs one tool; it counts as one test. */
async function staticStage(name: string, [tool = "", ...args]: string[]): Promise<Counts> {
  return command(name, join("node_modules/.bin", tool), args);
}

async function command(name: string, tool: string, args: string[], options: { cwd?: string } = {}): Promise<Counts> {
  const started = performance.now();
  const settings = { timeoutMs: stageTimeout, allowFailure: true, ...options };
  const { exitCode, stdout, stderr } = await run(tool, args, settings);
  tell(name, started, exitCode, stdout + stderr);
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

/** Runs the tests of one of our own Go programs; they count as one test. */
async function goTests(module: string): Promise<Counts> {
  const go = await findGo({ cacheDir: cacheFolder(), log, signal: AbortSignal.timeout(stageTimeout) });
  const cwd = join("clusters/lab", module);
  return command(`go test ${module}`, go, ["test", "-count=1", "./..."], { cwd });
}

/** Runs one project of vitest. Files that cannot be loaded and errors outside of tests count as failed, too. */
async function vitestProject(name: string, timeoutMs: number): Promise<Counts> {
  const started = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "vmesh-test-"));
  const file = join(folder, "results.json");
  const args = ["run", "--config", "suites/vitest.config.ts", "--project", name, "--reporter", "default"];
  const { exitCode, stdout, stderr } = await run(
    "node_modules/.bin/vitest",
    [...args, "--reporter", "json", `--outputFile.json=${file}`],
    { timeoutMs, allowFailure: true },
  );
  tell(`${name} tests`, started, exitCode, stdout + stderr);
  const text = await readFile(file, "utf8").catch(() => "{}");
  await rm(folder, { recursive: true });
  type Result = { status: string; assertionResults: unknown[] };
  type Summary = Partial<Record<"numPassedTests" | "numFailedTests" | "numPendingTests" | "numTodoTests", number>>;
  const { testResults = [], ...summary } = JSON.parse(text) as Summary & { testResults?: Result[] };
  const unloaded = testResults.filter((one) => one.status === "failed" && one.assertionResults.length === 0).length;
  const failed = (summary.numFailedTests ?? 0) + unloaded;
  return {
    passed: summary.numPassedTests ?? 0,
    failed: exitCode === 0 ? failed : Math.max(1, failed),
    skipped: (summary.numPendingTests ?? 0) + (summary.numTodoTests ?? 0),
  };
}

/** One run of the conformance checks; its progress goes straight to the terminal, its last line is the count. */
async function labRun(): Promise<Counts> {
  // A Ctrl-C reaches the run as well; it cleans up and reports, and this process waits for its count.
  process.on("SIGINT", () => undefined);
  const child = spawn("scripts/vmesh", ["run"], { stdio: ["ignore", "pipe", "inherit"] });
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  const [exitCode] = (await once(child, "close")) as [number | null];
  const [, passed = "0", failed = "0", skipped = "0"] =
    /(\d+) passed, (\d+) failed, (\d+) skipped\n$/.exec(output) ?? [];
  const red = exitCode === 0 ? Number(failed) : Math.max(1, Number(failed));
  return { passed: Number(passed), failed: red, skipped: Number(skipped) };
}

function tell(name: string, started: number, exitCode: number, output: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (exitCode === 0) return log.info(`ok    ${name} (${seconds} s)`);
  log.info(`FAIL  ${name} (${seconds} s, exit code ${exitCode})\n${output}`);
}
