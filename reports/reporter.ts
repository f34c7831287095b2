import { existsSync } from "node:fs";
import { relative } from "node:path";
import type { TestAnnotation } from "vitest";
import type { Reporter, TestCase, TestModule, TestSuite } from "vitest/node";
import { pauseMark } from "../lib/pause-on-failure.ts";
import { failureOf } from "./failure.ts";
import { aroundEnding, strayPrefix } from "./incidents.ts";
import { type EndedCase, type NewEvent, readJournal, record } from "./journal.ts";
import { capped } from "./xml-text.ts";

/** Bytes of a check's own printing that are kept. */
const outputLimit = 20_000;

/**
 * Tells the journal, and the process that started this one, what becomes of each check. Nothing here throws
 * into the run: an event that cannot be written is told on stderr, and the check counts as not ended.
 */
export default class JournalReporter implements Reporter {
  readonly #journal: string;
  readonly #out: string;
  readonly #printed = new Map<string, string>();
  #cancelled = false;

  constructor(options: { journal?: string; out?: string } = {}) {
    this.#journal = options.journal ?? fromEnvironment("VMESH_JOURNAL");
    this.#out = options.out ?? fromEnvironment("VMESH_OUT");
  }

  /** From now on nothing starts: vitest also calls those tests ready that it then leaves out. */
  cancel(): void {
    this.#cancelled = true;
  }

  onTestCaseReady(test: TestCase): void {
    if (this.#cancelled) return;
    this.#tell(() => ({ event: "started", id: idOf(test), title: test.name, ...whichTry() }));
  }

  onTestCaseAnnotate(test: TestCase, { type, message }: TestAnnotation): void {
    if (type === pauseMark) this.#tell(() => ({ event: "paused", id: idOf(test), sentence: message }));
  }

  onUserConsoleLog(log: { taskId?: string | undefined; content: string }): void {
    if (log.taskId === undefined) return;
    const before = this.#printed.get(log.taskId) ?? "";
    this.#printed.set(log.taskId, capped(before + log.content, outputLimit));
  }

  onTestCaseResult(test: TestCase): void {
    if (test.result().state === "pending") return;
    const output = this.#printed.get(test.id);
    this.#tell(() => ({ event: "ended", result: { ...resultOf(test, this.#out), ...whichTry(), output } }));
  }

  onTestModuleEnd(module: TestModule): void {
    this.#brokenAround(module, moduleId(module));
  }

  onTestSuiteResult(suite: TestSuite): void {
    this.#brokenAround(suite, `${moduleId(suite.module)}#${suite.name}`);
  }

  onTestRunEnd(_modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    for (const error of unhandled) {
      this.#tell(() => ({
        event: "ended",
        result: broken(this.#nextStray(), "an error outside of every check", error),
      }));
    }
  }

  /** Errors of collection, import and hooks belong to no test; they become a case of their own. */
  #brokenAround(group: TestModule | TestSuite, id: string): void {
    const [error] = group.errors();
    if (error === undefined) return;
    const collected = [...group.children.allTests()].length > 0;
    const caseId = collected ? `${id}${aroundEnding}` : id;
    const title = collected ? "what surrounds the tests of the file works" : "";
    this.#tell(() => ({ event: "ended", result: broken(caseId, title, error) }));
  }

  /** Counted on in the journal, which several processes write one after the other in a run. */
  #nextStray(): string {
    const before = existsSync(this.#journal) ? readJournal(this.#journal) : [];
    const strays = before.filter((event) => event.event === "ended" && event.result.id.startsWith(strayPrefix));
    return `${strayPrefix}${strays.length + 1}`;
  }

  #tell(event: () => NewEvent): void {
    try {
      const told = record(this.#journal, event());
      process.send?.(told);
    } catch (error) {
      process.stderr.write(`The journal \`${this.#journal}\` cannot be written: ${String(error)}\n`);
    }
  }
}

function resultOf(test: TestCase, out: string): EndedCase {
  const result = test.result();
  const diagnostic = test.diagnostic();
  const ended: EndedCase = {
    id: idOf(test),
    title: test.name,
    outcome: "passed",
    startedAt: diagnostic && new Date(diagnostic.startTime).toISOString(),
    seconds: (diagnostic?.duration ?? 0) / 1000,
    properties: properties(test),
    ...observed(test),
    attachments: attachments(test, out),
  };
  if (result.state === "passed") return ended;
  if (result.state === "skipped") return { ...ended, outcome: "skipped", reason: reasonOf(test, result.note) };
  const [error] = result.errors ?? [];
  return {
    ...ended,
    outcome: isHarnessFault(error) ? "error" : "failed",
    failure: failureOf(error),
  };
}

/** A harness error inside a check (a cluster that does not answer, an interrupt) says nothing about the product. */
function isHarnessFault(error: unknown): boolean {
  const kind = (error as { kind?: unknown } | undefined)?.kind;
  return kind === "environment" || kind === "interrupted" || kind === "usage";
}

function reasonOf(test: TestCase, note: string | undefined): string {
  return note ?? `the check is marked \`${test.options.mode}\` in its source and gives no reason`;
}

/** Checks put numbers and labels into `task.meta.properties`. */
function properties(test: TestCase): Record<string, string | number> {
  const found = (test.meta() as { properties?: Record<string, unknown> }).properties ?? {};
  // JSON has no number that is not finite; a reader of the report would find `null`.
  return Object.fromEntries(
    Object.entries(found).filter(
      (entry): entry is [string, string | number] => typeof entry[1] === "string" || Number.isFinite(entry[1]),
    ),
  );
}

/** What the fixtures saw: calls and milestones. */
function observed(test: TestCase): Pick<EndedCase, "calls" | "milestones"> {
  const { calls = [], milestones = [] } = test.meta() as Pick<EndedCase, "calls" | "milestones">;
  return { calls, milestones };
}

/** Which try of its checks this process is; whoever started it says so. */
function whichTry(): Required<Pick<EndedCase, "repetition" | "attempt">> {
  const number = (name: string) => Number(process.env[name] ?? 1);
  return { repetition: number("VMESH_REPETITION"), attempt: number("VMESH_ATTEMPT") };
}

/** Files a check attached by `annotate` or listed in `task.meta.attachments`, relative to the report folder. */
function attachments(test: TestCase, out: string): string[] {
  const listed = (test.meta() as { attachments?: unknown[] }).attachments ?? [];
  const annotated = test.annotations().map((annotation) => annotation.attachment?.path);
  const paths = [...listed, ...annotated].filter((path): path is string => typeof path === "string");
  return [...new Set(paths.map((path) => (path.startsWith("/") ? relative(out, path) : path)))];
}

function broken(id: string, title: string, error: unknown): EndedCase {
  return {
    id,
    title,
    outcome: "error",
    failure: failureOf(error),
    seconds: 0,
    properties: {},
    attachments: [],
  };
}

/** A check is its file; should a file hold several tests, each gets its own name after a `#`. */
function idOf(test: TestCase): string {
  const id = moduleId(test.module);
  const alone = [...test.module.children.allTests()].length <= 1;
  return alone ? id : `${id}#${test.fullName}`;
}

/** The last two parts of the path without the ending: `suites/inbound/declared-port.test.ts` is `inbound/declared-port`. */
function moduleId(module: TestModule): string {
  const parts = module.moduleId.replace(/\.test\.[cm]?[jt]s$/, "").split("/");
  return parts.slice(-2).join("/");
}

function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`The reporter needs the variable ${name}, which is not set.`);
  return value;
}
