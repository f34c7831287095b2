import { type Entry, entriesOf } from "./junit/entry.ts";
import { runProperties } from "./junit/properties.ts";
import { caseElement, caseLimit, propertiesElement, time } from "./junit/testcase.ts";
import type { RunReport } from "./model.ts";
import { xmlText } from "./xml-text.ts";
import { type XmlElement, xmlDocument } from "./xml.ts";

/** `default` is what Jenkins, GitLab, TestGrid and Spyglass read; `strict` validates against Surefire's schema. */
export type JunitDialect = "default" | "strict";

/**
 * The run as JUnit XML: one suite per area and `vmesh.stages` for what surrounds the checks. Surefire's schema
 * knows one suite per document, so the strict dialect puts every case into one; areas are then told by `classname`
 * alone, which TestGrid does not read. `place` is the report's folder as servers find it, for links to evidence.
 */
export function junit(report: RunReport, dialect: JunitDialect = "default", place = ""): string {
  const strict = dialect === "strict";
  const entries = entriesOf(report);
  const style = { strict, redLimit: caseLimit(entries), place: xmlText(place) };
  const properties = propertiesElement(runProperties(report));
  const suite = (name: string, members: readonly Entry[]): XmlElement => {
    const timestamp = members.find(({ startedAt }) => startedAt !== undefined)?.startedAt ?? report.startedAt;
    return {
      name: "testsuite",
      attributes: { name, ...totals(members), ...(strict ? {} : { timestamp }) },
      children: [properties, ...members.map((one) => caseElement(one, style))],
    };
  };
  if (strict) return xmlDocument(suite("vmesh", entries));
  return xmlDocument({
    name: "testsuites",
    attributes: { name: "vmesh", ...totals(entries), timestamp: report.startedAt },
    children: [...Map.groupBy(entries, (entry) => entry.suite)].map(([name, members]) => suite(name, members)),
  });
}

/** The time is the sum of the times that are written, as consumers add them up. */
function totals(entries: readonly Entry[]): Record<string, string> {
  const count = (outcome: Entry["outcome"]) => String(entries.filter((entry) => entry.outcome === outcome).length);
  return {
    tests: String(entries.length),
    failures: count("failed"),
    errors: count("error"),
    skipped: count("skipped"),
    time: time(entries.reduce((sum, entry) => sum + Number(time(entry.seconds)), 0)),
  };
}
