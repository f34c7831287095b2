import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { convert } from "xmlbuilder2";
import { junit, type JunitDialect } from "./junit.ts";
import { sampleCase, sampleReport, sampleStage } from "./sample.ts";

const nasty = "\u001B[31m<b> & \"q\" 'a' ]]> \u0000\u0007 \uD800 \uDC00 \uFFFE é😀\r\n[[x]]";
const cut = sampleStage({ outcome: "interrupted" });
const brokenComponent = sampleStage({
  title: "component kubevirt",
  outcome: "failed",
  error: { type: "HarnessError", message: nasty, stack: nasty },
});
const hostile = sampleReport({
  reproduce: nasty,
  versions: { [nasty]: nasty },
  cases: [
    sampleCase({
      name: nasty,
      tags: [nasty],
      properties: { [nasty]: nasty },
      attachments: [nasty],
      output: nasty,
    }),
    sampleCase({
      outcome: "failed",
      failure: { type: nasty, message: nasty, stack: nasty, expected: nasty },
    }),
    sampleCase({ outcome: "skipped", reason: nasty }),
  ],
});

const ends = {
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

describe.for(["default", "strict"] as const)("in the %s dialect", (dialect) => {
  test.for(Object.entries(ends))("the document is well-formed after: %s", ([, report]) => {
    const xml = junit(report, dialect);
    expect(() => convert(xml, { format: "object" })).not.toThrow();
    expect(rootByExpat(xml)).toBe(dialect === "strict" ? "testsuite" : "testsuites");
  });

  test("every testcase has at most one failure, error or skipped, in Surefire's order", () => {
    const order = ["properties", "failure", "skipped", "error", "system-out"];
    for (const element of elements(junit(hostile, dialect), "testcase")) {
      const children = [...element.matchAll(/^ {4,6}<([a-z-]+)[ />]/gm)].map((match) => match[1] ?? "");
      expect(children.toSorted((a, b) => order.indexOf(a) - order.indexOf(b))).toEqual(children);
      expect(children.filter((name) => ["failure", "error", "skipped"].includes(name)).length).toBeLessThan(2);
    }
  });
});

test("The default dialect carries versions, reasons, numbers, attachments and three decimals", () => {
  expect(junit(sampleReport())).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="vmesh" tests="5" failures="1" errors="0" skipped="1" time="50.421" timestamp="2026-01-02T03:04:05.000Z">
      <testsuite name="vmesh.stages" tests="2" failures="0" errors="0" skipped="0" time="44.000" timestamp="2026-01-02T03:04:06.000Z">
        <properties>
          <property name="run" value="20260102-030405-ab12"/>
          <property name="cluster" value="vmesh-ab12"/>
          <property name="provider" value="lab"/>
          <property name="nodes" value="1"/>
          <property name="seed" value="7"/>
          <property name="verdict" value="failed"/>
          <property name="reproduce" value="scripts/vmesh run --suite inbound --seed 7"/>
          <property name="host.cpus" value="2"/>
          <property name="host.memoryGiB" value="24"/>
          <property name="version.istio" value="1.31.1"/>
          <property name="version.kubevirt" value="v1.7.0"/>
        </properties>
        <testcase name="cluster" classname="vmesh.stages" time="42.000">
          <properties>
            <property name="phase" value="setup"/>
          </properties>
        </testcase>
        <testcase name="cluster (teardown)" classname="vmesh.stages" time="2.000">
          <properties>
            <property name="phase" value="teardown"/>
          </properties>
        </testcase>
      </testsuite>
      <testsuite name="vmesh.inbound" tests="2" failures="1" errors="0" skipped="0" time="6.421" timestamp="2026-01-02T03:05:05.000Z">
        <properties>
          <property name="run" value="20260102-030405-ab12"/>
          <property name="cluster" value="vmesh-ab12"/>
          <property name="provider" value="lab"/>
          <property name="nodes" value="1"/>
          <property name="seed" value="7"/>
          <property name="verdict" value="failed"/>
          <property name="reproduce" value="scripts/vmesh run --suite inbound --seed 7"/>
          <property name="host.cpus" value="2"/>
          <property name="host.memoryGiB" value="24"/>
          <property name="version.istio" value="1.31.1"/>
          <property name="version.kubevirt" value="v1.7.0"/>
        </properties>
        <testcase name="declared-port" classname="vmesh.inbound" time="3.210">
          <properties>
            <property name="title" value="A declared port is served over mTLS"/>
            <property name="profile" value="core"/>
            <property name="tags" value="vmi,http"/>
            <property name="source" value="istio-vmi"/>
            <property name="latency_p50_ms" value="1.5"/>
          </properties>
        </testcase>
        <testcase name="strict" classname="vmesh.inbound" time="3.210">
          <properties>
            <property name="title" value="Plaintext is reset under STRICT"/>
            <property name="profile" value="core"/>
            <property name="tags" value="vmi,http"/>
            <property name="source" value="istio-vmi"/>
          </properties>
          <failure message="expected reset, got 200" type="AssertionError">expected reset, got 200
    expected: reset
    got: answered 200
    at strict.test.ts:3:1</failure>
          <system-out>[[ATTACHMENT|diagnostics/inbound/strict/events.txt]]</system-out>
        </testcase>
      </testsuite>
      <testsuite name="vmesh.migration" tests="1" failures="0" errors="0" skipped="1" time="0.000" timestamp="2026-01-02T03:04:05.000Z">
        <properties>
          <property name="run" value="20260102-030405-ab12"/>
          <property name="cluster" value="vmesh-ab12"/>
          <property name="provider" value="lab"/>
          <property name="nodes" value="1"/>
          <property name="seed" value="7"/>
          <property name="verdict" value="failed"/>
          <property name="reproduce" value="scripts/vmesh run --suite inbound --seed 7"/>
          <property name="host.cpus" value="2"/>
          <property name="host.memoryGiB" value="24"/>
          <property name="version.istio" value="1.31.1"/>
          <property name="version.kubevirt" value="v1.7.0"/>
        </properties>
        <testcase name="identity" classname="vmesh.migration" time="0.000">
          <properties>
            <property name="title" value="A declared port is served over mTLS"/>
            <property name="profile" value="extended"/>
            <property name="tags" value="vmi,http"/>
            <property name="source" value="istio-vmi"/>
          </properties>
          <skipped message="two-nodes: the cluster has one node"/>
        </testcase>
      </testsuite>
    </testsuites>
    "
  `);
});

test("The strict dialect is one suite without timestamps and testcase properties", () => {
  expect(junit(sampleReport(), "strict")).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuite name="vmesh" tests="5" failures="1" errors="0" skipped="1" time="50.421">
      <properties>
        <property name="run" value="20260102-030405-ab12"/>
        <property name="cluster" value="vmesh-ab12"/>
        <property name="provider" value="lab"/>
        <property name="nodes" value="1"/>
        <property name="seed" value="7"/>
        <property name="verdict" value="failed"/>
        <property name="reproduce" value="scripts/vmesh run --suite inbound --seed 7"/>
        <property name="host.cpus" value="2"/>
        <property name="host.memoryGiB" value="24"/>
        <property name="version.istio" value="1.31.1"/>
        <property name="version.kubevirt" value="v1.7.0"/>
      </properties>
      <testcase name="cluster" classname="vmesh.stages" time="42.000"/>
      <testcase name="cluster (teardown)" classname="vmesh.stages" time="2.000"/>
      <testcase name="declared-port" classname="vmesh.inbound" time="3.210"/>
      <testcase name="strict" classname="vmesh.inbound" time="3.210">
        <failure message="expected reset, got 200" type="AssertionError">expected reset, got 200
    expected: reset
    got: answered 200
    at strict.test.ts:3:1</failure>
        <system-out>[[ATTACHMENT|diagnostics/inbound/strict/events.txt]]</system-out>
      </testcase>
      <testcase name="identity" classname="vmesh.migration" time="0.000">
        <skipped message="two-nodes: the cluster has one node"/>
      </testcase>
    </testsuite>
    "
  `);
});

test("A failed component is an error with its message, not a failure", () => {
  const xml = junit(ends["component failure"]);
  expect(xml).toContain('<testsuite name="vmesh.stages" tests="1" failures="0" errors="1"');
  expect(elements(xml, "testcase")[0]).toMatch(/name="component kubevirt"[\s\S]*<error message="&lt;b&gt; &amp;/);
});

test("A skip never has an empty message", () => {
  expect(junit(sampleReport({ cases: [sampleCase({ outcome: "skipped" })] }))).toContain(
    '<skipped message="no reason was recorded"/>',
  );
});

test.for(["default", "strict"] satisfies JunitDialect[])("A case brings at most 50 KB of text (%s)", (dialect) => {
  const long = "é<\n".repeat(100_000);
  const failure = { type: "Error", message: long, stack: long, expected: long, actual: long };
  const attachments = [long];
  const xml = junit(
    sampleReport({
      stages: [],
      cases: [sampleCase({ outcome: "failed", failure, output: long, attachments })],
    }),
    dialect,
  );
  const text = xml.replaceAll("&lt;", "<");
  expect(Buffer.byteLength(text)).toBeLessThan(55_000);
});

function elements(xml: string, name: string): string[] {
  return xml.match(new RegExp(`<${name} [^>]*(?:/>|>[\\s\\S]*?</${name}>)`, "g")) ?? [];
}

/** A second opinion: Python's expat is a conforming parser. Without Python the first parser's word has to do. */
function rootByExpat(xml: string): string {
  const program =
    "import sys, xml.dom.minidom as m; print(m.parseString(sys.stdin.buffer.read()).documentElement.tagName)";
  try {
    return execFileSync("python3", ["-c", program], {
      input: xml,
      encoding: "utf8",
      timeout: 20_000,
    }).trim();
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ENOENT") throw error;
    return Object.keys(convert(xml, { format: "object" }))[0] ?? "";
  }
}
