import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once as emitted } from "node:events";
import { existsSync, globSync, readFileSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseXml } from "@rgrove/parse-xml";
import { describe, expect, test } from "vitest";
import { readReport } from "../reports/read.ts";
import type { Statement } from "../reports/statement-schema.ts";
import { timeouts } from "../lib/timeouts.ts";
import { eventually } from "../lib/wait.ts";

const fixture = fileURLToPath(new URL("conformance.fixture.ts", import.meta.url));
const waitModule = fileURLToPath(new URL("../lib/wait.ts", import.meta.url));
const vitestConfig = `export default { test: { projects: [{ test: {
  name: "fixture", root: import.meta.dirname, include: ["**/*.test.ts"], globals: true, pool: "threads", isolate: false,
} }] } };`;

/** A check that says that it runs, waits for its end, and says when it could clean up. */
const hanging = `import { writeFileSync } from "node:fs";
import { pause } from "${waitModule}";
test("hangs", { timeout: 600_000 }, async ({ signal, onTestFinished }) => {
  writeFileSync(import.meta.dirname + "/running", String(process.pid));
  const body = wait(signal);
  onTestFinished(() => body.catch(() => undefined));
  await body;
});
async function wait(signal) {
  try {
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("ended"))));
  } finally {
    await pause(500);
    writeFileSync(import.meta.dirname + "/cleaned", "yes");
  }
}`;
const deaf = hanging.replace(
  /await new Promise.*/,
  "await pause(300); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
);
const passing = `test("passes", ({ task }) => { task.meta.properties = { latency_ms: 1.5, share: 0 / 0 }; console.log("hello"); });`;
const failing = `test("fails", () => { expect("reset").toBe("answered"); });`;
/** Red at its first try, and green from then on. */
const once = `import { existsSync, writeFileSync } from "node:fs";
test("fails once", () => {
  const seen = import.meta.dirname + "/seen";
  if (existsSync(seen)) return;
  writeFileSync(seen, "");
  expect("reset").toBe("answered");
});`;
/** Red in the third repetition. */
const third = `test("fails the third time", () => expect(process.env.VMESH_REPETITION).not.toBe("3"));`;
const unimportable = `import "./nowhere.ts";\ntest("never", () => {});`;
const skipping = `test("skips", ({ skip }) => skip("istio: it is not there"));`;
const unanswered = `test("is not answered", ({ task }) => {
  task.meta.attachments = [process.env.VMESH_OUT + "/diagnostics/events.txt"];
  throw Object.assign(new Error("The API server does not answer."), { kind: "environment", hint: "look at it" });
});`;
const stray = `test("passes", () => { Promise.reject(new Error("nobody waits for this")); });`;

/** These runs are no news for the CI that runs this test. */
const noCi = { CI: undefined, GITHUB_ACTIONS: undefined, GITHUB_STEP_SUMMARY: undefined };

interface Run {
  folder: string;
  process: ChildProcess;
  ended: Promise<{ exitCode: number | null; output: string }>;
}

type Finisher = { onTestFinished(work: () => void): void };

async function start(
  { onTestFinished }: Finisher,
  files: Record<string, string>,
  { componentFailure = "", flags = {} }: { componentFailure?: string; flags?: object } = {},
): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), "vmesh-run-"));
  const suite = join(folder, "fixture");
  await mkdir(suite);
  await writeFile(join(folder, "vitest.config.mjs"), vitestConfig);
  for (const [name, text] of Object.entries(files)) await writeFile(join(suite, `${name}.test.ts`), text);
  const paths = Object.keys(files).map((name) => join(suite, `${name}.test.ts`));
  const child = spawn(process.execPath, [fixture, folder, componentFailure, ...paths], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...noCi, VMESH_CACHE: join(folder, "cache"), FIXTURE_FLAGS: JSON.stringify(flags) },
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });
  let output = "";
  for (const stream of [child.stderr, child.stdout]) stream.on("data", (chunk) => (output += String(chunk)));
  const ended = emitted(child, "close").then(([exitCode]) => ({ exitCode: exitCode as number | null, output }));
  return { folder, process: child, ended };
}

/** What is in the report folder, and that nothing else is left: no cluster folder, no draft. */
async function reports(folder: string): Promise<{ report: Statement; junit: string }> {
  const latest = join(folder, "out", "latest");
  const junit = readFileSync(join(latest, "junit.xml"), "utf8");
  parseXml(junit);
  expect(globSync("out/*/*.draft", { cwd: folder })).toEqual([]);
  expect(existsSync(join(folder, "cache", "clusters", "vmesh-fixture"))).toBe(false);
  const { report } = await readReport("latest", join(folder, "out"));
  return { report, junit };
}

/** The process of the suites once the hanging check runs in it and the journal knows. */
function running(folder: string): Promise<number> {
  return eventually({ what: "the check runs", budgetMs: 30_000, intervalMs: 100 }, async () => {
    expect(readFileSync(join(folder, "out", "latest", "journal.ndjson"), "utf8")).toContain('"started"');
    return Number(readFileSync(join(folder, "fixture", "running"), "utf8"));
  });
}

function groupOf(pid: number): string {
  return execFileSync("ps", ["-o", "pgid=", "-p", String(pid)], { encoding: "utf8" }).trim();
}

describe.concurrent("a run", () => {
  test("of passing and serial checks is conformant, and its last line counts them", async (context) => {
    const run = await start(context, { one: passing, "serial-two": passing });
    const { exitCode, output } = await run.ended;
    expect(output).toMatch(/\n2 passed, 0 failed, 0 skipped\n$/);
    expect(exitCode).toBe(0);
    const { report } = await reports(run.folder);
    expect(report).toMatchObject({ verdict: "conformant", finished: true, versions: { istio: "1", kubernetes: "v0" } });
    expect(report.cases).toMatchObject([
      { id: "fixture/one", outcome: "passed", properties: { latency_ms: 1.5 }, output: "hello\n" },
      { id: "fixture/serial-two", outcome: "passed", serial: true },
    ]);
    expect(report.stages.map(({ title, phase }) => `${title} ${phase}`)).toEqual([
      "doctor setup",
      "cluster setup",
      "leftovers setup",
      "evidence setup",
      "component multus setup",
      "components setup",
      "suites setup",
      "verify setup",
      "evidence teardown",
      "leftovers teardown",
      "cluster teardown",
    ]);
  });

  test("tells a failed check, a skipped one, one that cannot be imported and a stray error apart", async (context) => {
    const run = await start(context, { failing, skipping, unanswered, unimportable, stray, "serial-stray": stray });
    const { exitCode, output } = await run.ended;
    expect(output).toMatch(/\n2 passed, 5 failed, 1 skipped\n$/);
    expect(exitCode).toBe(1);
    const { report } = await reports(run.folder);
    expect(report.cases).toMatchObject([
      { id: "fixture/failing", outcome: "failed", failure: { type: "AssertionError" } },
      { id: "fixture/skipping", outcome: "skipped", reason: "istio: it is not there" },
      {
        id: "fixture/unanswered",
        outcome: "error",
        failure: { message: "The API server does not answer.\nTo mend it: look at it" },
        attachments: ["diagnostics/events.txt"],
      },
      { id: "fixture/unimportable", outcome: "error", failure: { message: expect.stringContaining("nowhere") } },
      { id: "fixture/stray", outcome: "passed" },
      { id: "fixture/serial-stray", outcome: "passed" },
      { id: "vmesh/unhandled-error-1", outcome: "error", failure: { message: "nobody waits for this" } },
      { id: "vmesh/unhandled-error-2", outcome: "error", failure: { message: "nobody waits for this" } },
    ]);
    expect(output).toContain("expected: ");
  });

  test("whose component fails reports an error, skips the checks for it and ends with 3", async (context) => {
    const run = await start(context, { one: passing }, { componentFailure: "istiod never answered." });
    const { exitCode, output } = await run.ended;
    expect(exitCode).toBe(3);
    expect(output).toContain("fake cluster disposed");
    expect(output).toMatch(/\n0 passed, 1 failed, 1 skipped\n$/);
    const { report, junit } = await reports(run.folder);
    expect(report).toMatchObject({ verdict: "error", versions: { kubernetes: "v0" } });
    expect(junit).toContain('<property name="version.kubernetes" value="v0"/>');
    expect(report.cases).toMatchObject([{ outcome: "skipped", reason: "not started: stage `components` failed" }]);
    const [log, problems] = ["diagnostics/cluster/node/kubelet.log", "diagnostics/cluster/problems.txt"];
    const read = (path: string) => readFileSync(join(run.folder, "out/latest", path), "utf8");
    expect(read(log)).toBe("node log\n");
    expect(read(problems)).toContain("does not answer: GET /readyz: the API answered 404");
    const kept = report.stages.find(({ attachments = [] }) => attachments.length > 0);
    expect(kept).toMatchObject({ title: "evidence", phase: "teardown", attachments: [log, problems] });
    expect(junit).toContain(`<property name="attachment" value="${log}"/>`);
    expect(junit).toContain(`/${report.runId}/${log}]]`);
    expect(junit).toMatch(
      /name="components" [\s\S]*?<error message="[^"]*Component `istio` is not ready\. Caused by: istiod never answered\./,
    );
  });

  test("tries a red check again where it may, and tells one that then passes as flaky", async (context) => {
    const run = await start(context, { once, failing, passing }, { flags: { retry: 2 } });
    const { exitCode, output } = await run.ended;
    expect(exitCode).toBe(1);
    expect(output).toMatch(/\n2 passed, 1 failed, 0 skipped\n$/);
    expect(output).toContain("[try 3: 1/1] FAIL  fixture/failing");
    const { report } = await reports(run.folder);
    expect(report.cases.map(({ id, outcome, tries }) => [id, outcome, tries.length])).toEqual([
      ["fixture/once", "flaky", 2],
      ["fixture/failing", "failed", 3],
      ["fixture/passing", "passed", 0],
    ]);
  });

  test("with a flaky check is red where that was asked for", async (context) => {
    const run = await start(context, { once }, { flags: { retry: 1, failOnFlaky: true } });
    expect((await run.ended).exitCode).toBe(1);
    expect((await reports(run.folder)).report.verdict).toBe("failed");
  });

  test("repeats its checks, and one that is red once is red", async (context) => {
    const run = await start(context, { once, passing }, { flags: { repeat: 3 } });
    const { exitCode } = await run.ended;
    expect(exitCode).toBe(1);
    const { report } = await reports(run.folder);
    expect(report.cases.map(({ outcome, tries }) => [outcome, tries.length])).toEqual([
      ["failed", 3],
      ["passed", 3],
    ]);
  });

  test("repeats until a check is red", async (context) => {
    const run = await start(context, { third, passing }, { flags: { untilFailure: true } });
    const { exitCode, output } = await run.ended;
    expect(exitCode).toBe(1);
    expect(output).toContain("[repetition 3: 2/2]");
    expect(output).not.toContain("repetition 4");
  });

  test.for(["SIGINT", "SIGTERM"] as const)(
    "that gets %s lets the check clean up, reports and ends with 4",
    async (name, context) => {
      const behind = Object.fromEntries([1, 2, 3, 4].map((i) => [`behind-${i}`, passing]));
      const checks = { hanging, ...behind, "serial-later": passing };
      const run = await start(context, checks, { flags: { workers: 1 } });
      const pid = await running(run.folder);
      expect(groupOf(pid)).not.toBe(groupOf(run.process.pid ?? 0));
      run.process.kill(name);
      const { exitCode, output } = await run.ended;
      expect(exitCode).toBe(4);
      expect(output).toContain("fake cluster disposed");
      expect(existsSync(join(run.folder, "fixture", "cleaned"))).toBe(true);
      const { report } = await reports(run.folder);
      expect(report).toMatchObject({ verdict: "interrupted", interruption: `Interrupted by ${name}.` });
      const [, ...others] = report.cases.filter(({ outcome }) => outcome !== "passed");
      expect(others.length).toBeGreaterThan(1);
      for (const one of others) {
        expect(one).toMatchObject({ outcome: "skipped", reason: `not started: Interrupted by ${name}.` });
      }
      expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    },
  );

  test("that is interrupted while a check hears nothing ends it by force", async (context) => {
    const run = await start(context, { hanging: deaf });
    const pid = await running(run.folder);
    const asked = performance.now();
    run.process.kill("SIGINT");
    const { exitCode } = await run.ended;
    expect(exitCode).toBe(4);
    expect(performance.now() - asked).toBeGreaterThan(2 * timeouts.commandGrace - 100);
    const { report } = await reports(run.folder);
    expect(report.cases).toMatchObject([
      { outcome: "error", failure: { message: "the worker ended before the check did" } },
    ]);
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  test("that is interrupted twice ends at once with 4 and says how to clean", async (context) => {
    const run = await start(context, { hanging: deaf });
    const pid = await running(run.folder);
    run.process.kill("SIGINT");
    await emitted(run.process.stderr!, "data");
    run.process.kill("SIGINT");
    const { exitCode, output } = await run.ended;
    expect(exitCode).toBe(4);
    expect(output).toContain("`scripts/vmesh clean` removes what is left");
    await eventually({ what: "the suites process is gone", budgetMs: 5_000, intervalMs: 50 }, async () => {
      expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    });
  });

  test("that is killed takes its suites with it, even if a check hears nothing", async (context) => {
    const run = await start(context, { hanging: deaf });
    const pid = await running(run.folder);
    run.process.kill("SIGKILL");
    const budgetMs = 3 * timeouts.commandGrace;
    await eventually({ what: "the suites process is gone", budgetMs, intervalMs: 100 }, async () => {
      expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    });
  });

  test("has a report of the checks that have ended while others still run", async (context) => {
    const run = await start(context, { passing, "serial-hanging": hanging });
    await running(run.folder);
    await eventually({ what: "the report holds the check", budgetMs: 10_000, intervalMs: 100 }, async () => {
      const { report } = await readReport("latest", join(run.folder, "out"));
      expect(report.finished).toBe(false);
      expect(report.cases).toMatchObject([
        { id: "fixture/passing", outcome: "passed" },
        { id: "fixture/serial-hanging" },
      ]);
    });
    run.process.kill("SIGINT");
    expect((await run.ended).exitCode).toBe(4);
  });

  test("whose suites process is killed reports the check and the cause, and ends with 3", async (context) => {
    const run = await start(context, { hanging });
    process.kill(await running(run.folder), "SIGKILL");
    const { exitCode } = await run.ended;
    expect(exitCode).toBe(3);
    const { report } = await reports(run.folder);
    expect(report.verdict).toBe("error");
    expect(report.stages.find((stage) => stage.title === "suites")?.error?.message).toContain("was ended by SIGKILL");
    expect(report.cases).toMatchObject([
      { outcome: "error", failure: { message: "the worker ended before the check did" } },
    ]);
  });
});
