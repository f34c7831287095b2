import { join } from "node:path";
import { judgedOf } from "../failure.ts";
import type { Failure } from "../model.ts";
import type { XmlElement } from "../xml.ts";
import { capped, xmlLine, xmlText } from "../xml-text.ts";
import type { Entry } from "./entry.ts";
import type { Fault } from "./faults.ts";
import type { Property } from "./properties.ts";

/** Most bytes of text. */
const bytes = {
  /** A case that was red: more of it no page shows. */
  red: 50_000,
  /** What a case printed that never was red: Jenkins keeps no more of it. */
  green: 1_000,
  /** Names of evidence files of one case. */
  attachments: 5_000,
  /** All cases together: GitLab refuses a file of 30 MB. */
  file: 28_000_000,
  /** Of which each takes this in any case: a green one with its markup and properties. */
  each: 1_800,
  /** A red one has at least this beside it, however many they are. */
  least: 1_000,
  /** And each of its tries this. */
  leastTry: 100,
} as const;

/** Most characters of an attribute. */
const characters = { message: 500, property: 4_000 } as const;

export interface Style {
  /** Nothing that Surefire's schema does not know. */
  strict: boolean;
  /** Bytes of text of a case that was red. */
  redLimit: number;
  /** The folder of the report as a server finds it. */
  place: string;
}

/** Bytes of text that each case that was red may bring along. */
export function caseLimit(entries: readonly Entry[]): number {
  const count = entries.filter(({ faults }) => faults.length > 0).length;
  const share = Math.floor((bytes.file - entries.length * bytes.each) / Math.max(1, count));
  return Math.min(bytes.red, Math.max(bytes.least, share));
}

/** The children of a test case between properties and output, in the order that Surefire's schema demands. */
const order = ["failure", "rerunFailure", "flakyFailure", "skipped", "error", "rerunError", "flakyError"];

export function caseElement(entry: Entry, { strict, redLimit, place }: Style): XmlElement {
  const { name, suite, seconds, outcome, reason, faults } = entry;
  const paths = fitting(entry.attachments, place, bytes.attachments);
  const properties = [...entry.properties, ...paths.map((path) => ["attachment", path] as const)];
  const share = Math.max(bytes.leastTry, Math.floor(redLimit / 2 / faults.length));
  const ends = faults.map((fault) => faultElement(fault, share));
  if (outcome === "skipped") ends.push(skippedElement(reason));
  const links = paths.map((path) => join(place, path));
  const output = outputOf(entry, links, faults.length > 0 ? redLimit / 2 : undefined);
  return {
    name: "testcase",
    attributes: { name, classname: suite, time: time(seconds) },
    children: [
      ...(strict ? [] : [propertiesElement(properties)]),
      ...ends.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
      ...(output === "" ? [] : [{ name: "system-out", text: output }]),
    ],
  };
}

export function propertiesElement(properties: readonly Property[]): XmlElement {
  const children = properties.map(([name, value]) => ({
    name: "property",
    attributes: { name: xmlLine(name), value: xmlLine(value, characters.property) },
  }));
  return { name: "properties", children };
}

/** Seconds with three decimals and nothing but digits before them, as Surefire's pattern wants them. */
export function time(seconds: number): string {
  return Math.max(0, seconds).toFixed(3);
}

/** The end of a case has its text in itself, a try before it in `stackTrace`. */
function faultElement({ element, failure, note }: Fault, limit: number): XmlElement {
  const { type, message } = failure;
  const attributes = { message: xmlLine(message, Math.min(characters.message, limit)), type: xmlLine(type) };
  const text = capped(xmlText(failureText(failure, note)), limit);
  if (element === "failure" || element === "error") return { name: element, attributes, text };
  return { name: element, attributes, children: [{ name: "stackTrace", text }] };
}

/** TestGrid drops the row of a case that is skipped without a reason. */
function skippedElement(reason: string | undefined): XmlElement {
  const message = xmlLine(reason ?? "", characters.message) || "no reason was recorded";
  return { name: "skipped", attributes: { message } };
}

function failureText(failure: Failure, note: string | undefined): string {
  const { message, stack } = failure;
  const { expected, actual } = judgedOf(failure);
  const lines = [message];
  if (note !== undefined) lines.push(note);
  if (expected !== undefined) lines.push(`expected: ${expected}`);
  if (actual !== undefined) lines.push(`got: ${actual}`);
  if (stack !== undefined) lines.push(stack);
  return lines.join("\n");
}

/** Jenkins and GitLab publish the file that a link names, so what a guest printed must not look like one. */
function outputOf({ attachments, output = "" }: Entry, links: readonly string[], limit: number | undefined): string {
  const lines = links.map((path) => `[[ATTACHMENT|${path}]]`);
  const left = attachments.length - links.length;
  if (left > 0) lines.push(`… ${left} more files of evidence in the report's folder …`);
  const names = lines.join("\n");
  const room = limit === undefined ? bytes.green : Math.max(bytes.least / 2, limit - Buffer.byteLength(names) - 1);
  const printed = capped(xmlText(output).replaceAll("[[ATTACHMENT|", "[ [ATTACHMENT|"), room).trimEnd();
  return [printed, names].filter((text) => text !== "").join("\n");
}

/** The first paths that fit as a whole, with the folder before them: half of one leads nowhere. */
function fitting(paths: readonly string[], place: string, limit: number): string[] {
  let left = limit;
  const fits = (path: string) => (left -= Buffer.byteLength(join(place, path))) >= 0;
  return paths.map((path) => xmlLine(path, Infinity)).filter(fits);
}
