import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { reportFrom } from "./fold.ts";
import { type EndedCase, type JournalEvent, readJournal, record } from "./journal.ts";
import type { PlannedCase } from "./model.ts";
import { sampleReport, sampleStage } from "./sample.ts";

const at = "2026-01-02T03:04:05.000Z";
const end: JournalEvent = { event: "end", at };
const run: JournalEvent = { event: "run", at, facts: sampleReport() };
const stage: JournalEvent = { event: "stage", at, stage: sampleStage() };
const planned = (...ids: string[]): JournalEvent => ({
  event: "planned",
  at,
  cases: ids.map(plan),
});
const started = (id: string): JournalEvent => ({
  event: "started",
  at,
  id,
  title: `title of ${id}`,
});
const ended = (id: string, change: Partial<EndedCase> = {}): JournalEvent => ({
  event: "ended",
  at,
  result: {
    id,
    title: id,
    outcome: "passed",
    seconds: 1,
    properties: {},
    attachments: [],
    ...change,
  },
});

function plan(id: string): PlannedCase {
  return {
    id,
    title: `plan of ${id}`,
    profile: "extended",
    tags: ["vmi"],
    source: "blog",
    needs: [],
    serial: true,
  };
}

async function journalFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vmesh-journal-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "journal.ndjson");
}

test("A check that passed keeps what was planned of it", () => {
  const [one] = reportFrom([run, planned("a/x"), started("a/x"), ended("a/x")]).cases;
  expect(one).toMatchObject({
    id: "a/x",
    suite: "a",
    name: "x",
    profile: "extended",
    serial: true,
    outcome: "passed",
  });
});

test("A check that started and never ended is an error", () => {
  const { cases, verdict } = reportFrom([run, planned("a/x"), started("a/x"), end]);
  expect(cases).toMatchObject([
    {
      outcome: "error",
      startedAt: at,
      failure: { message: "the worker ended before the check did" },
    },
  ]);
  expect(verdict).toBe("error");
});

test.for([
  ["the interrupt", { event: "interrupted", at, reason: "SIGINT" } as const, "not started: SIGINT"],
  [
    "the broken stage",
    { event: "stage", at, stage: sampleStage({ title: "kubevirt", outcome: "failed" }) } as const,
    "not started: stage `kubevirt` failed",
  ],
] as const)("A check that never started is skipped because of %s", ([, cause, reason]) => {
  expect(reportFrom([run, planned("a/x"), cause]).cases).toMatchObject([{ outcome: "skipped", reason }]);
});

test("A check that silently never ran is skipped while the run goes on and an error at its end", () => {
  const events = [run, planned("a/x", "a/y"), ended("a/x")];
  expect(reportFrom(events)).toMatchObject({ finished: false, cases: [{ outcome: "passed" }, { outcome: "skipped" }] });
  const whole = reportFrom([...events, { event: "end", at }]);
  expect(whole.finished).toBe(true);
  expect(whole.cases).toMatchObject([
    { outcome: "passed" },
    { outcome: "error", failure: { message: "the suites ended without running it" } },
  ]);
});

test("The report of a run that has not come to its end is no verdict on the product", () => {
  const events = [run, planned("a/x", "a/y"), ended("a/x")];
  expect(reportFrom(events)).toMatchObject({ verdict: "interrupted", interruption: "the run has not come to its end" });
  expect(reportFrom(events).cases[1]?.reason).toBe("not started: the run has not come to it");
  expect(reportFrom([...events, ended("a/y"), end])).toMatchObject({ verdict: "conformant", interruption: undefined });
});

test("Two tests of one file are two cases with the plan of the file, and the file itself is none", () => {
  const { cases } = reportFrom([run, planned("a/x"), ended("a/x#one"), ended("a/x#two", { outcome: "failed" })]);
  expect(cases.map(({ id, profile }) => [id, profile])).toEqual([
    ["a/x#one", "extended"],
    ["a/x#two", "extended"],
  ]);
});

test("A red end of a check is not replaced by a later green one", () => {
  const failure = { type: "Error", message: "no" };
  const { cases } = reportFrom([run, ended("a/x", { outcome: "failed", failure }), ended("a/x")]);
  expect(cases).toMatchObject([{ outcome: "failed" }]);
});

const no = { type: "Error", message: "no" };

test("A check that passed at a second try is flaky, and says why it had to be tried again", () => {
  const events = [run, ended("a/x", { outcome: "failed", failure: no }), ended("a/x", { attempt: 2 }), end];
  const { cases, verdict } = reportFrom(events);
  expect(cases).toMatchObject([{ outcome: "flaky", failure: no }]);
  expect(cases[0]?.tries.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
    [1, "failed"],
    [2, "passed"],
  ]);
  expect(verdict).toBe("conformant");
});

test("A red repetition stands for a check, whatever the others say", () => {
  const events = [run, ended("a/x"), ended("a/x", { repetition: 2, outcome: "failed", failure: no, seconds: 5 })];
  expect(reportFrom([...events, ended("a/x", { repetition: 3 })]).cases).toMatchObject([
    { outcome: "failed", failure: no, seconds: 5, tries: [{ repetition: 1 }, { repetition: 2 }, { repetition: 3 }] },
  ]);
});

test("Every try keeps the numbers that it measured", () => {
  const slow = ended("a/x", { properties: { latency_ms: 9 } });
  const fast = ended("a/x", { properties: { latency_ms: 2 }, repetition: 2 });
  const [one] = reportFrom([run, slow, fast]).cases;
  expect(one?.tries.map(({ properties }) => properties)).toEqual([{ latency_ms: 9 }, { latency_ms: 2 }]);
});

test("A second try that never ended leaves its check red", () => {
  const again: JournalEvent = { event: "started", at, id: "a/x", title: "x", attempt: 2 };
  const { cases } = reportFrom([run, ended("a/x", { outcome: "failed", failure: no }), again]);
  expect(cases).toMatchObject([{ outcome: "error", tries: [{ attempt: 1 }, { attempt: 2 }] }]);
});

test("What was known when the run started is in its report, of an older version as far as it told", () => {
  const told = { seed: 7, commit: "a1b2c3", catalog: { core: 80, extended: 41 } };
  expect(reportFrom([{ event: "run", at, facts: { ...sampleReport(), ...told } }])).toMatchObject(told);
  expect(reportFrom([run]).catalog).toBeUndefined();
});

test("Checks come in planned order, unplanned errors at the end", () => {
  const events = [run, planned("a/x", "a/y"), ended("vmesh/unhandled", { outcome: "error" }), ended("a/y")];
  expect(reportFrom(events).cases.map((one) => one.id)).toEqual(["a/x", "a/y", "vmesh/unhandled"]);
});

test("Versions are collected, stages kept in order, and the clock runs to the last event", () => {
  const late = "2026-01-02T03:04:15.500Z";
  const events: JournalEvent[] = [
    run,
    { event: "versions", at, versions: { istio: "1" } },
    stage,
    { event: "versions", at, versions: { kubevirt: "2" } },
    { event: "end", at: late },
  ];
  expect(reportFrom(events)).toMatchObject({
    versions: { istio: "1", kubevirt: "2" },
    seconds: 10.5,
  });
  expect(reportFrom(events).stages).toHaveLength(1);
});

test("What is recorded can be read, and torn lines are dropped", async () => {
  const path = await journalFile();
  record(path, { event: "planned", cases: [plan("a/é😀")] });
  await writeFile(path, '{"event":"ended","res\n', { flag: "a" });
  record(path, { event: "end" });
  await writeFile(path, '{"event":"end","at":"2026', { flag: "a" });
  expect(readJournal(path)).toMatchObject([{ event: "planned", cases: [{ id: "a/é😀" }] }, { event: "end" }]);
});

test.skipIf(!existsSync("/dev/full"))(
  "An event after one that could not be written stands on its own line",
  async () => {
    const path = await journalFile();
    expect(() => record("/dev/full", { event: "end" })).toThrow("ENOSPC");
    await writeFile(path, '{"event":"planned","cas');
    record(path, { event: "interrupted", reason: "SIGINT" });
    expect(readJournal(path)).toMatchObject([{ event: "interrupted" }]);
  },
);
