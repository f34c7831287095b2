import { parseXml, XmlElement } from "@rgrove/parse-xml";
import { describe, expect, test } from "vitest";
import { everyEnd } from "./consumers/sample-run.ts";
import { junit, type JunitDialect } from "./junit.ts";
import { sampleCase, sampleReport, sampleStage } from "./sample.ts";
import { xmlLine, xmlText } from "./xml-text.ts";

const nasty = "\u001B[31m<b> & \"q\" 'a' ]]> \u0000\u0007 \uD800 \uDC00 \uFFFE é😀\r\n[[x]]";
const cut = sampleStage({ outcome: "interrupted" });
const brokenComponent = sampleStage({
  title: "component kubevirt",
  outcome: "failed",
  error: { type: "HarnessError", message: nasty, stack: nasty },
});
const red = { repetition: 1, outcome: "failed", seconds: 1, attachments: [] } as const;
const hostile = sampleReport({
  reproduce: nasty,
  versions: { [nasty]: nasty },
  capabilities: { [nasty]: nasty },
  cases: [
    sampleCase({
      suite: nasty,
      name: nasty,
      title: nasty,
      tags: [nasty],
      properties: { [nasty]: nasty },
      attachments: [nasty],
      output: nasty,
    }),
    sampleCase({
      outcome: "failed",
      failure: { type: nasty, message: nasty, stack: nasty, expected: nasty },
      tries: [1, 2].map((attempt) => ({ ...red, attempt, failure: { type: nasty, message: nasty } })),
    }),
    sampleCase({ outcome: "skipped", reason: nasty }),
  ],
});

const ends = {
  "every end there is": everyEnd(),
  pass: sampleReport({ cases: [sampleCase()] }),
  fail: sampleReport(),
  "component failure": sampleReport({ stages: [brokenComponent], cases: [] }),
  interrupt: sampleReport({
    stages: [cut],
    cases: [sampleCase({ outcome: "error" })],
    interruption: "SIGINT",
  }),
  "nothing ran": sampleReport({ stages: [], cases: [] }),
  "hostile text": hostile,
};
const dialects = ["default", "strict"] satisfies JunitDialect[];

describe.for(dialects)("in the %s dialect", (dialect) => {
  test("the file that other projects' readers are tried with is what is written today", async () => {
    await expect(junit(everyEnd(), dialect)).toMatchFileSnapshot(`consumers/testdata/${dialect}.xml`);
  });

  test.for(Object.entries(ends))("the document is well-formed, and counts its cases, after: %s", ([, report]) => {
    const root = read(junit(report, dialect));
    expect(root.name).toBe(dialect === "strict" ? "testsuite" : "testsuites");
    for (const counting of [root, ...all(root, "testsuite")]) {
      expect(counting.attributes).toMatchObject({
        tests: String(all(counting, "testcase").length),
        failures: String(all(counting, "failure").length),
        errors: String(all(counting, "error").length),
        skipped: String(all(counting, "skipped").length),
        time: all(counting, "testcase")
          .reduce((sum, { attributes }) => sum + Number(attributes["time"]), 0)
          .toFixed(3),
      });
    }
  });

  test.for(Object.entries(ends))("a testcase has one end at most after: %s", ([, report]) => {
    const cases = all(read(junit(report, dialect)), "testcase");
    for (const one of cases) expect(all(one, "failure", "error", "skipped").length, one.text).toBeLessThan(2);
  });

  test("text arrives as it was but for what XML has no place for", () => {
    const end = { outcome: "failed", failure: { type: "T", message: nasty } } as const;
    const cases = [sampleCase({ name: nasty, output: `${nasty}!`, ...end })];
    const one = caseIn(junit(sampleReport({ stages: [], cases }), dialect), xmlLine(nasty));
    const [failure, output] = all(one, "failure", "system-out");
    expect(failure?.attributes).toEqual({ message: xmlLine(nasty), type: "T" });
    expect(failure?.text).toBe(xmlText(nasty));
    expect(output?.text).toBe(`${xmlText(nasty)}!`);
  });

  test("a case brings at most 50 KB of text, and messages of 500 characters", () => {
    const long = "é<\n".repeat(100_000);
    const failure = { type: "Error", message: long, stack: long, expected: long, actual: long };
    const tries = Array.from({ length: 20 }, (_, index) => ({ ...red, attempt: index + 1, failure }));
    const attachments = [long, ...Array.from({ length: 1000 }, (_, index) => `diagnostics/file-${index}.txt`)];
    const cases = [sampleCase({ outcome: "failed", failure, output: long, attachments, tries })];
    const one = caseIn(junit(sampleReport({ cases }), dialect), "declared-port");
    const texts = all(one, "failure", "stackTrace", "system-out").map(({ text }) => Buffer.byteLength(text));
    expect(texts).toHaveLength(21);
    expect(texts.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(50_000);
    const messages = all(one, "failure", "rerunFailure").map(({ attributes }) => attributes["message"]?.length);
    expect(messages).toEqual(Array(20).fill(500));
  });
});

test.for([
  [100, 50_000],
  [1_000, 9_000],
  [10_000, 1_000],
] as const)("10,000 cases, %i of them red, stay below the 30 MB of GitLab", { timeout: 60_000 }, ([reds, least]) => {
  const lines = (count: number) => "a line of output & more\n".repeat(count);
  const failure = { type: "AssertionError", message: "expected reset, got 200", stack: lines(least / 20) };
  const red = { outcome: "failed", failure, output: lines(least / 20) } as const;
  const green = { output: lines(50) };
  const cases = Array.from({ length: 10_000 }, (_, index) => {
    const [suite, name] = [`area-${index % 50}`, `check-${index}`];
    return sampleCase({
      id: `${suite}/${name}`,
      suite,
      name,
      properties: { index },
      ...(index < reds ? red : green),
    });
  });
  const xml = junit(sampleReport({ cases }));
  expect(xml.match(/<testcase /g)).toHaveLength(10_003);
  expect(Buffer.byteLength(xml)).toBeLessThan(30_000_000);
  const [texts = ""] = /<failure [\s\S]*?<\/system-out>/.exec(xml) ?? [];
  expect(Buffer.byteLength(texts)).toBeGreaterThan(least);
});

test("A failed component is an error with its message, not a failure", () => {
  const xml = junit(ends["component failure"]);
  expect(all(read(xml), "testsuite")[0]?.attributes).toMatchObject({
    name: "vmesh.stages",
    failures: "0",
    errors: "1",
  });
  const [error] = all(caseIn(xml, "component kubevirt"), "error");
  expect(error?.attributes).toEqual({ message: xmlLine(nasty), type: "HarnessError" });
});

test.for([undefined, "", "\u0000 \n"])("A skip for the reason %j has a message", (reason) => {
  const xml = junit(sampleReport({ cases: [sampleCase({ outcome: "skipped", reason })] }));
  expect(all(read(xml), "skipped")[0]?.attributes).toEqual({ message: "no reason was recorded" });
});

test("A case that a line end made red shows it", () => {
  const failure = { type: "E", message: "no", expected: "a", actual: "a\r\n" };
  const xml = junit(sampleReport({ cases: [sampleCase({ outcome: "failed", failure })] }));
  expect(all(read(xml), "failure")[0]?.text).toBe('no\nexpected: "a"\ngot: "a\\r\\n"');
});

test("A passed case keeps the ends of what it printed, and the names of all its evidence", () => {
  const attachments = ["diagnostics/a.txt", "diagnostics/b.txt"];
  const output = `begin${"x".repeat(10_000)}end`;
  const [printed] = all(read(junit(sampleReport({ cases: [sampleCase({ output, attachments })] }))), "system-out");
  expect(printed?.text).toMatch(
    /^beginx+\n… \d+ bytes left out …\nx+end\n\[\[ATTACHMENT\|diagnostics\/a.txt\]\]\n.*b.txt\]\]$/,
  );
  expect(printed?.text.length).toBeLessThan(1_100);
});

test("Evidence is linked from where a server looks for it, and a property from the file on", () => {
  const report = sampleReport({ stages: [], cases: [sampleCase({ attachments: ["diagnostics/a.txt"] })] });
  const root = read(junit(report, "default", "reports/out/run-1"));
  expect(all(root, "system-out")[0]?.text).toBe("[[ATTACHMENT|reports/out/run-1/diagnostics/a.txt]]");
  expect(all(root, "property").filter(({ attributes }) => attributes["name"] === "attachment")).toMatchObject([
    { attributes: { value: "diagnostics/a.txt" } },
  ]);
});

test("Evidence that does not fit is left out as whole names, and counted", () => {
  const attachments = Array.from({ length: 200 }, (_, index) => `diagnostics/${"x".repeat(90)}/${index}`);
  const [printed] = all(read(junit(sampleReport({ cases: [sampleCase({ attachments })] }))), "system-out");
  const lines = printed?.text.split("\n") ?? [];
  expect(lines.length).toBeGreaterThan(40);
  expect(lines.pop()).toBe(`… ${200 - lines.length} more files of evidence in the report's folder …`);
  expect(lines).toEqual(attachments.slice(0, lines.length).map((path) => `[[ATTACHMENT|${path}]]`));
});

test("What a guest prints names no file for a server to publish", () => {
  const cases = [sampleCase({ output: "[[ATTACHMENT|/etc/passwd]]", attachments: ["diagnostics/a.txt"] })];
  const [printed] = all(read(junit(sampleReport({ cases }))), "system-out");
  expect(printed?.text).toBe("[ [ATTACHMENT|/etc/passwd]]\n[[ATTACHMENT|diagnostics/a.txt]]");
});

/** Throws for what is not well-formed. */
function read(xml: string): XmlElement {
  const { root } = parseXml(xml);
  if (!root) throw new TypeError("A document has an element.");
  return root;
}

/** The elements of these names below another, in order. */
function all(parent: XmlElement, ...names: string[]): XmlElement[] {
  const children = parent.children.filter((child) => child instanceof XmlElement);
  return children.flatMap((child) => [...(names.includes(child.name) ? [child] : []), ...all(child, ...names)]);
}

function caseIn(xml: string, name: string): XmlElement {
  const found = all(read(xml), "testcase").find(({ attributes }) => attributes["name"] === name);
  if (!found) throw new TypeError(`There is no test case \`${name}\`.`);
  return found;
}
