import { readFileSync } from "node:fs";
import { validateXML } from "xmllint-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import { junit } from "../junit.ts";
import { sampleCase, sampleReport, sampleStage } from "../sample.ts";
import { everyEnd } from "../consumers/sample-run.ts";

const schema = readFileSync(new URL("testdata/surefire.xsd", import.meta.url), "utf8");

/** What libxml2 says of each of these documents, by its name: `validates`, or what is wrong with it. */
async function judgements(documents: Readonly<Record<string, string>>): Promise<Map<string, string>> {
  const files = Object.values(documents).map((contents, index) => ({ fileName: `${index}.xml`, contents }));
  const { rawOutput } = await validateXML({ xml: files, schema: [{ fileName: "surefire.xsd", contents: schema }] });
  const about = (file: string) => rawOutput.split("\n").filter((line) => new RegExp(`^${file}[: ]`).test(line));
  const text = (index: number) =>
    about(`${index}.xml`)
      .join("\n")
      .replaceAll(/^\d+\.xml[: ]/gm, "");
  return new Map(Object.keys(documents).map((name, index) => [name, text(index)]));
}

const failure = { type: "Error", message: "no" };
const reports = {
  "a run with every end there is": everyEnd(),
  "the same where no check may be flaky": everyEnd({ failOnFlaky: true }),
  "a pass": sampleReport({ cases: [sampleCase()] }),
  "an interrupt": sampleReport({ stages: [sampleStage({ outcome: "interrupted" })], interruption: "SIGINT" }),
  "a run in which nothing ran": sampleReport({ stages: [], cases: [] }),
  "ten tries": sampleReport({
    cases: [
      sampleCase({
        outcome: "failed",
        failure,
        tries: Array.from({ length: 10 }, (_, index) => ({
          repetition: 1,
          attempt: index + 1,
          outcome: index % 2 ? ("failed" as const) : ("error" as const),
          failure,
          seconds: 1,
          attachments: [],
        })),
      }),
    ],
  }),
};

describe("the strict dialect", () => {
  let found = new Map<string, string>();
  beforeAll(async () => {
    const documents = Object.entries(reports).map(([name, report]) => [name, junit(report, "strict")]);
    found = await judgements(Object.fromEntries(documents));
  });

  test.for(Object.keys(reports))("is valid for Surefire's schema after %s", (name) => {
    expect(found.get(name)).toBe("validates");
  });

  test("is needed: the default dialect is not valid", async () => {
    const documents = { default: junit(everyEnd()) };
    expect((await judgements(documents)).get("default")).toContain("testsuites");
  });
});

const trace = "<stackTrace>at</stackTrace>";
const suite = (content: string, attributes = 'name="s" tests="1" failures="0" errors="0" skipped="0"') =>
  `<testsuite ${attributes}>${content}</testsuite>`;
const inCase = (content: string) => suite(`<testcase name="c" time="0.1">${content}</testcase>`);
const timed = (time: string) => suite(`<testcase name="c" time="${time}"/>`);

const allowed = {
  "a suite without cases": suite(""),
  "a suite with a time and a group": suite("", 'name="" tests="" failures="" errors="" skipped="" time="1" group="g"'),
  "no decimals": timed("1"),
  "three decimals": timed("0.123"),
  "no digit before the point": timed(".5"),
  "two failures and an error": inCase('<failure type="a"/><failure type="b">text</failure><error type="c"/>'),
  "all that a case can hold": inCase(
    `<failure type="t"/><rerunFailure type="t" message="m">${trace}</rerunFailure>` +
      `<flakyFailure type="t">${trace}<system-out/><system-err/></flakyFailure><skipped message="m"/>` +
      `<error type="t"/><rerunError type="t">${trace}</rerunError><flakyError type="t">${trace}</flakyError>` +
      `<system-out/><system-err/>`,
  ),
};

const forbidden = {
  "another root": ["<testsuites/>", "No matching global declaration"],
  "a suite in a suite": [suite(suite("")), "This element is not expected"],
  "a suite without a name": [suite("", 'tests="" failures="" errors="" skipped=""'), "'name' is required"],
  "a suite without a count": [suite("", 'name="" tests="" failures="" errors=""'), "'skipped' is required"],
  "a suite with a timestamp": [
    suite("", 'name="" tests="" failures="" errors="" skipped="" timestamp=""'),
    "timestamp",
  ],
  "a suite with four decimals": [
    suite("", 'name="" tests="" failures="" errors="" skipped="" time="0.1234"'),
    "0.1234",
  ],
  "properties twice": [suite("<properties/><properties/>"), "This element is not expected"],
  "properties after a case": [suite('<testcase name="c" time="0"/><properties/>'), "properties"],
  "a property without a value": [suite('<properties><property name="p"/></properties>'), "'value' is required"],
  "a property with text": [suite('<properties><property name="p" value="">v</property></properties>'), "property"],
  "a case without a name": [suite('<testcase time="0"/>'), "'name' is required"],
  "a case without a time": [suite('<testcase name="c"/>'), "'time' is required"],
  "a case with a file": [suite('<testcase name="c" time="0" file="f"/>'), "'file' is not allowed"],
  "a case with a timestamp": [suite('<testcase name="c" time="0" timestamp="t"/>'), "'timestamp' is not allowed"],
  "a case with properties": [inCase("<properties/>"), "properties"],
  "four decimals": [timed("0.1234"), "pattern"],
  "no time at all": [timed(""), "pattern"],
  "a comma between thousands": [timed("1,234"), "pattern"],
  "a negative time": [timed("-1"), "pattern"],
  "an exponent": [timed("1e3"), "pattern"],
  "a failure without a type": [inCase('<failure message="m"/>'), "'type' is required"],
  "an error without a type": [inCase('<error message="m"/>'), "'type' is required"],
  "two errors": [inCase('<error type="t"/><error type="t"/>'), "This element is not expected"],
  "two skips": [inCase("<skipped/><skipped/>"), "This element is not expected"],
  "a skip with a type": [inCase('<skipped type="t"/>'), "'type' is not allowed"],
  "an error before a failure": [inCase('<error type="t"/><failure type="t"/>'), "This element is not expected"],
  "a failure after its rerun": [
    inCase(`<rerunFailure type="t">${trace}</rerunFailure><failure type="t"/>`),
    "This element is not expected",
  ],
  "a rerun before its error": [
    inCase(`<rerunError type="t">${trace}</rerunError><error type="t"/>`),
    "This element is not expected",
  ],
  "a failure after the output": [inCase('<system-out/><failure type="t"/>'), "This element is not expected"],
  "standard error before output": [inCase("<system-err/><system-out/>"), "This element is not expected"],
  "a flaky failure without a stack trace": [inCase('<flakyFailure type="t"/>'), "Missing child element"],
  "a rerun with its text outside": [inCase('<rerunFailure type="t">at</rerunFailure>'), "rerunFailure"],
  "a flaky error without a type": [inCase(`<flakyError>${trace}</flakyError>`), "'type' is required"],
  "text in a case": [inCase("text"), "Character content"],
} as const;

describe("the schema that this is judged by", () => {
  let found = new Map<string, string>();
  beforeAll(async () => {
    const refused = Object.entries(forbidden).map(([name, [text]]) => [name, text]);
    found = await judgements({ ...allowed, ...Object.fromEntries(refused) });
  });

  test.for(Object.keys(allowed))("allows %s", (name) => {
    expect(found.get(name)).toBe("validates");
  });

  test.for(Object.entries(forbidden))("forbids %s", ([name, [, message]]) => {
    expect(found.get(name)).toContain(message);
  });
});
