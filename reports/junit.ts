import { create } from "xmlbuilder2";
import type { CaseReport, Failure, RunReport, StageReport } from "./model.ts";
import { capped, xmlLine, xmlText } from "./xml-text.ts";

/** `default` is what Jenkins, GitLab, TestGrid and Spyglass read; `strict` validates against Surefire's schema. */
export type JunitDialect = "default" | "strict";

/** Bytes of text one test case may bring along. */
const caseLimit = 50_000;

/** What one `<testcase>` is made of. */
interface Entry {
  suite: string;
  name: string;
  seconds: number;
  startedAt: string | undefined;
  outcome: "passed" | "failed" | "error" | "skipped";
  reason?: string | undefined;
  failure?: Failure | undefined;
  properties: Record<string, string>;
  attachments: readonly string[];
  output?: string | undefined;
}

type Element = ReturnType<typeof create>;

/**
 * The run as JUnit XML: one suite per area and `vmesh.stages` for what surrounds the checks. Surefire's schema
 * knows one suite per document, so the strict dialect puts every case into one.
 */
export function junit(report: RunReport, dialect: JunitDialect = "default"): string {
  const entries = [...report.stages.map(stageEntry), ...report.cases.map(caseEntry)];
  const document = create({ version: "1.0", encoding: "UTF-8" });
  if (dialect === "strict") {
    suiteElement(document, "vmesh", entries, report, dialect);
  } else {
    const root = document.ele("testsuites", {
      name: "vmesh",
      ...totals(entries),
      timestamp: report.startedAt,
    });
    const suites = Map.groupBy(entries, (entry) => entry.suite);
    for (const [name, members] of suites) suiteElement(root, name, members, report, dialect);
  }
  return `${document.end({ prettyPrint: true })}\n`;
}

function suiteElement(
  parent: Element,
  name: string,
  entries: readonly Entry[],
  report: RunReport,
  dialect: JunitDialect,
): void {
  const started = entries.find((entry) => entry.startedAt !== undefined)?.startedAt ?? report.startedAt;
  const timestamp = dialect === "strict" ? {} : { timestamp: started };
  const suite = parent.ele("testsuite", { name: xmlLine(name), ...totals(entries), ...timestamp });
  propertiesElement(suite, runProperties(report));
  for (const entry of entries) caseElement(suite, entry, dialect);
}

function caseElement(suite: Element, entry: Entry, dialect: JunitDialect): void {
  const { outcome, failure } = entry;
  const attributes = {
    name: xmlLine(entry.name),
    classname: xmlLine(entry.suite),
    time: time(entry.seconds),
  };
  const element = suite.ele("testcase", attributes);
  if (dialect === "default") propertiesElement(element, entry.properties);
  if (outcome === "failed" || outcome === "error") {
    const { type = "Error", message = "no message" } = failure ?? {};
    const tag = outcome === "failed" ? "failure" : "error";
    const fault = element.ele(tag, { message: xmlLine(message, 500), type: xmlLine(type) });
    fault.txt(capped(xmlText(failureText(failure)), caseLimit / 2));
  }
  if (outcome === "skipped") element.ele("skipped", { message: xmlLine(entry.reason || "no reason was recorded") });
  const links = entry.attachments.map((path) => `[[ATTACHMENT|${path}]]`);
  const output = [entry.output, ...links].filter((text) => text !== undefined).join("\n");
  if (output !== "") element.ele("system-out").txt(capped(xmlText(output), caseLimit / 2));
}

function propertiesElement(parent: Element, properties: Record<string, string>): void {
  const element = parent.ele("properties");
  for (const [name, value] of Object.entries(properties)) {
    element.ele("property", { name: xmlLine(name), value: xmlLine(value) });
  }
}

function stageEntry({ title, phase, startedAt, seconds, outcome, error, attachments = [] }: StageReport): Entry {
  const name = phase === "setup" ? title : `${title} (teardown)`;
  const failure = error ?? (outcome === "interrupted" ? { type: "Interrupted", message: "interrupted" } : undefined);
  const end = outcome === "passed" ? "passed" : "error";
  const properties = { phase };
  return {
    suite: "vmesh.stages",
    name,
    seconds,
    startedAt,
    outcome: end,
    failure,
    properties,
    attachments,
  };
}

function caseEntry(one: CaseReport): Entry {
  const numbers = Object.entries(one.properties).map(([key, value]) => [key, String(value)]);
  const properties = {
    title: one.title,
    profile: one.profile,
    tags: one.tags.join(","),
    ...(one.source === undefined ? {} : { source: one.source }),
    ...(one.serial ? { serial: "true" } : {}),
    ...Object.fromEntries(numbers),
  };
  const outcome = one.outcome === "flaky" ? "passed" : one.outcome;
  return { ...one, outcome, startedAt: one.startedAt, suite: `vmesh.${one.suite}`, properties };
}

function runProperties(report: RunReport): Record<string, string> {
  const prefixed = (prefix: string, values: Readonly<Record<string, string | number>>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}.${key}`, String(value)]));
  return {
    run: report.runId,
    cluster: report.clusterId,
    provider: report.provider,
    nodes: String(report.nodes),
    seed: String(report.seed),
    verdict: report.verdict,
    reproduce: report.reproduce,
    ...(report.interruption === undefined ? {} : { interruption: report.interruption }),
    ...prefixed("host", report.host),
    ...prefixed("version", report.versions),
  };
}

function totals(entries: readonly Entry[]): Record<string, string> {
  const count = (outcome: Entry["outcome"]) => String(entries.filter((entry) => entry.outcome === outcome).length);
  return {
    tests: String(entries.length),
    failures: count("failed"),
    errors: count("error"),
    skipped: count("skipped"),
    time: time(entries.reduce((sum, entry) => sum + entry.seconds, 0)),
  };
}

function failureText(failure: Failure | undefined): string {
  const { message = "", stack, expected, actual } = failure ?? {};
  const lines = [message];
  if (expected !== undefined) lines.push(`expected: ${expected}`);
  if (actual !== undefined) lines.push(`got: ${actual}`);
  if (stack !== undefined) lines.push(stack);
  return lines.join("\n");
}

/** Surefire's pattern allows three decimals, and nothing but digits before them. */
function time(seconds: number): string {
  return Math.max(0, seconds).toFixed(3);
}
