import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cacheEntry } from "../clusters/lab/cache.ts";
import { findGo } from "../clusters/lab/go.ts";
import { ensurePackages, labPackages } from "../clusters/lab/host-packages.ts";
import { unpackWheel } from "../clusters/lab/wheel.ts";
import { describeError, exitCodes } from "../lib/errors.ts";
import { run } from "../lib/command.ts";
import { createLog, type Log } from "../lib/log.ts";
import type { Counts } from "../reports/model.ts";
import { cacheFolder } from "./cluster-state.ts";
import { withInterrupts } from "./interrupts.ts";
import { lastFailed } from "./last-failed.ts";
import { countsOf, redTests } from "./vitest-results.ts";

// Called by scripts/test: static checks and unit tests side by side, then, unless --no-lab, what takes longer, one run on
// a cluster and the contract that every provider has to keep. Whatever becomes of a stage, the last line counts them all.

const stageTimeout = 600_000;
/** Many programs are started, and on a busy machine each takes its time. */
const processTimeout = 1_200_000;
/** Eight files, most of which start a cluster. */
const contractTimeout = 2_400_000;
/** PyPI's reader of JUnit files, without dependencies. */
const junitparser = "junitparser==5.0.3 --hash=sha256:553535b8cd1672a9c8bd2c7326ae1ae69279267fbc562106b5aa44d3c5f769af";
/** Lines of a red test's message that are shown before vitest's own output, in which the whole follows. */
const shownLines = 12;
const none: Counts = { passed: 0, failed: 0, skipped: 0 };
/** All that was red, a line each: told before the count, for whoever keeps only the end of a log. */
const reds: string[] = [];
const { log, lab } = arguments_();
process.exit(await withInterrupts(log, selfTest));

async function selfTest(signal: AbortSignal): Promise<number> {
  const results: Counts[] = [];
  const stage = async (name: string, work: () => Promise<Counts>) => {
    const counts = await attempt(name, signal, work);
    results.push(counts);
    return counts.failed === 0;
  };
  // Tests of the engine, the registry, the packet counter and the page skip where their program is not installed.
  const packages = [...labPackages, "chromium"];
  const prepared = !lab || (await stage("packages", () => ensurePackages(packages, { log, signal }).then(() => none)));
  if (prepared) {
    await Promise.all([
      stage("types", () => command("types", tool("tsc"), ["--noEmit"], { signal })),
      stage("lint", () => command("lint", tool("oxlint"), ["--deny-warnings"], { signal })),
      stage("format", () => command("format", tool("oxfmt"), ["--check"], { signal })),
      stage("unit tests", () => vitestProject("unit", stageTimeout, signal)),
    ]);
  }
  if (prepared && lab) {
    await stage("process tests", () => vitestProject("process", processTimeout, signal));
    await stage("browser tests", () => vitestProject("browser", stageTimeout, signal));
    await stage("run", () => labRun(signal));
    // After the run, which has built what the contract's clusters are made of.
    await stage("provider tests", () => vitestProject("provider", contractTimeout, signal));
    for (const folder of ["clusters/lab/workload", "clusters/lab/container-disk", "reports/consumers"]) {
      await stage(`go test ${folder}`, () => goTests(folder, signal));
    }
    await stage("python tests", () => pythonTests(signal));
  }
  for (const line of reds) log.info(`red: ${line}`);
  const sum = (key: keyof Counts) => results.reduce((total, counts) => total + counts[key], 0);
  process.stdout.write(`${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped\n`);
  if (signal.aborted) return exitCodes.interrupted;
  if (!prepared) return exitCodes.environment;
  return sum("failed") > 0 || sum("passed") === 0 ? exitCodes.failed : exitCodes.conformant;
}

function arguments_(): { log: Log; lab: boolean } {
  try {
    const { values } = parseArgs({ options: { "no-lab": { type: "boolean", default: false } } });
    return { log: createLog(), lab: !values["no-lab"] };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\nUsage: scripts/test [--no-lab]\n`);
    return process.exit(exitCodes.usage);
  }
}

/** What the stage counts; one that throws counts as a failed test, one after an interrupt as a skipped one. */
async function attempt(name: string, signal: AbortSignal, work: () => Promise<Counts>): Promise<Counts> {
  if (signal.aborted) {
    log.info(`skip  ${name}: interrupted`);
    return { ...none, skipped: 1 };
  }
  const started = performance.now();
  try {
    return await work();
  } catch (error) {
    const why = describeError(error);
    reds.push(`${name}: ${why.split("\n")[0]}`);
    log.info(`FAIL  ${name} (${secondsSince(started)} s)\n${why}`);
    return { ...none, failed: 1 };
  }
}

/** Runs one tool; it counts as one test. */
async function command(
  name: string,
  path: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string>; signal: AbortSignal },
): Promise<Counts> {
  const started = performance.now();
  const settings = { timeoutMs: stageTimeout, allowFailure: true, ...options };
  const { exitCode, stdout, stderr } = await run(path, args, settings);
  tell(name, started, exitCode, () => stdout + stderr);
  if (exitCode === 0) return { ...none, passed: 1 };
  reds.push(`${name}: exit code ${exitCode}`);
  return { ...none, failed: 1 };
}

/** Runs the tests of one of our own Go programs; they count as one test. */
async function goTests(cwd: string, signal: AbortSignal): Promise<Counts> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(stageTimeout)]);
  const go = await findGo({ cacheDir: cacheFolder(), log, signal: limited });
  return command(`go test ${cwd}`, go, ["test", "-count=1", "./..."], { cwd, signal });
}

/** Runs what is written in Python, as the reader it tries is; it counts as one test. */
async function pythonTests(signal: AbortSignal): Promise<Counts> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(stageTimeout)]);
  const entry = { root: cacheFolder(), kind: "junitparser", key: [junitparser], log, signal: limited };
  const folder = await cacheEntry(entry, (target) => unpackWheel(junitparser, join(target, "wheel"), limited));
  const env = { PYTHONPATH: join(folder, "wheel"), PYTHONDONTWRITEBYTECODE: "1" };
  return command("python tests", "python3", ["junitparser_test.py"], { cwd: "reports/consumers", env, signal });
}

/** Runs one project of vitest. */
async function vitestProject(name: string, timeoutMs: number, signal: AbortSignal): Promise<Counts> {
  const started = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "vmesh-test-"));
  try {
    const file = join(folder, "results.json");
    const args = ["run", "--config", "suites/vitest.config.ts", "--project", name, "--reporter", "default"];
    const { exitCode, stdout, stderr } = await run(
      tool("vitest"),
      [...args, "--reporter", "json", `--outputFile.json=${file}`],
      { timeoutMs, allowFailure: true, signal },
    );
    const results = await readFile(file, "utf8").catch(() => "{}");
    const red = redTests(results);
    if (exitCode !== 0 && red.length === 0) reds.push(`${name} tests: exit code ${exitCode}`);
    reds.push(...red.map(({ title, message }) => `${title}: ${message.split("\n")[0]}`));
    // Before anything else: whoever keeps only the beginning of a log has them then.
    const shown = red.map(({ title, message }) =>
      [`red: ${title}`, ...message.split("\n").slice(0, shownLines)].join("\n  "),
    );
    tell(`${name} tests`, started, exitCode, () => [...shown, stdout + stderr].join("\n"));
    return countsOf(results, exitCode);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * One run of the conformance checks; its progress goes straight to the terminal, its last line is the count. At an
 * interrupt it cleans up and reports, and this process waits for its count.
 */
async function labRun(signal: AbortSignal): Promise<Counts> {
  // A process group of its own: a Ctrl-C at the terminal would reach it beside our SIGTERM, and two end it uncleanly.
  const child = spawn("scripts/vmesh", ["run"], { stdio: ["ignore", "pipe", "inherit"], detached: true });
  const forward = () => child.kill("SIGTERM");
  signal.addEventListener("abort", forward, { once: true });
  // Nor does it hear of a new size of the terminal.
  const resize = () => child.kill("SIGWINCH");
  process.on("SIGWINCH", resize);
  // A second Ctrl-C, which ends this process at once, ends the run at once, too.
  process.on("exit", forward);
  try {
    let output = "";
    child.stdout.on("data", (chunk) => (output += String(chunk)));
    const [exitCode] = (await once(child, "close")) as [number | null];
    const [, passed = "0", failed = "0", skipped = "0"] =
      /(\d+) passed, (\d+) failed, (\d+) skipped\n$/.exec(output) ?? [];
    const red = exitCode === 0 ? Number(failed) : Math.max(1, Number(failed));
    if (red > 0) reds.push(`run: exit code ${exitCode}, ${await redChecks()}`);
    return { passed: Number(passed), failed: red, skipped: Number(skipped) };
  } finally {
    signal.removeEventListener("abort", forward);
    process.off("exit", forward).off("SIGWINCH", resize);
  }
}

async function redChecks(): Promise<string> {
  const names = await lastFailed("reports/out").catch((error: unknown) => [(error as Error).message]);
  return names.join(", ");
}

function tool(name: string): string {
  return join("node_modules/.bin", name);
}

function tell(name: string, started: number, exitCode: number, output: () => string): void {
  const seconds = secondsSince(started);
  if (exitCode === 0) return log.info(`ok    ${name} (${seconds} s)`);
  log.info(`FAIL  ${name} (${seconds} s, exit code ${exitCode})\n${output()}`);
}

function secondsSince(started: number): string {
  return ((performance.now() - started) / 1000).toFixed(1);
}
