import { expect, test } from "vitest";
import { select, type Selectable, type Selection } from "./select.ts";

const catalog: Selectable[] = [
  { id: "inbound/declared-port", profile: "core", tags: ["vmi", "http"], needs: ["istio"] },
  { id: "inbound/undeclared-port", profile: "extended", tags: ["vmi"], needs: ["istio", "two-nodes"] },
  { id: "security/strict", profile: "core", tags: ["http"], needs: [] },
];
const everything: Selection = { profile: "extended", suite: [], check: [], tag: [], feature: [] };

test.for<[string, Partial<Selection>, string[]]>([
  ["everything without a wish", {}, ["inbound/declared-port", "inbound/undeclared-port", "security/strict"]],
  ["core only", { profile: "core" }, ["inbound/declared-port", "security/strict"]],
  ["one suite", { suite: ["inbound"] }, ["inbound/declared-port", "inbound/undeclared-port"]],
  ["two suites", { suite: ["security", "inbound"] }, catalog.map((entry) => entry.id)],
  ["one check", { check: ["security/strict"] }, ["security/strict"]],
  ["checks with one of two tags", { tag: ["http", "vmi"] }, catalog.map((entry) => entry.id)],
  ["checks whose tags fit an expression", { tag: ["http and not vmi"] }, ["security/strict"]],
  ["checks with a feature", { feature: ["two-nodes"] }, ["inbound/undeclared-port"]],
  ["checks without a feature", { feature: ["istio", "!two-nodes"] }, ["inbound/declared-port"]],
  ["checks whose name matches", { check: ["/declared/"] }, ["inbound/declared-port", "inbound/undeclared-port"]],
  ["all but one check", { check: ["!security/strict"] }, ["inbound/declared-port", "inbound/undeclared-port"]],
  ["what matches, but for one pattern", { check: ["/d-port$/", "!/undeclared/"] }, ["inbound/declared-port"]],
  ["the second of two parts", { shard: "2/2" }, ["inbound/undeclared-port"]],
  ["what fits suite and tag", { suite: ["inbound"], tag: ["http"] }, ["inbound/declared-port"]],
])("A selection gives %s", ([, wish, ids]) => {
  expect(select(catalog, { ...everything, ...wish }).map((entry) => entry.id)).toEqual(ids);
});

test.for<[string, Partial<Selection>, string]>([
  ["suite", { suite: ["inbund"] }, "There is no suite `inbund`. Known: inbound, security."],
  ["tag", { tag: ["htpp"] }, "There is no tag `htpp`. Known: http, vmi."],
  [
    "check",
    { check: ["security/strikt"] },
    "There is no check `security/strikt`. Known: inbound/declared-port, inbound/undeclared-port, security/strict.",
  ],
])("An unknown %s is a usage error with the known and the nearest names", ([, wish, message]) => {
  const hint = expect.stringMatching(/^the nearest one is `(inbound|http|security\/strict)`$/);
  expect(() => select(catalog, { ...everything, ...wish })).toThrow(
    expect.objectContaining({ kind: "usage", message, hint }),
  );
});

test.for<[Partial<Selection>, string]>([
  [{ check: ["/(/"] }, "`/(/` is not a regular expression."],
  [{ check: ["/nowhere/"] }, "No check has a name that `/nowhere/` matches."],
  [{ tag: ["http and"] }, "The tag expression `http and` cannot be read."],
  [{ tag: ["not (http"] }, "The tag expression `not (http` cannot be read."],
])("A selection that cannot be read is a usage error: %j", ([wish, message]) => {
  expect(() => select(catalog, { ...everything, ...wish })).toThrow(
    expect.objectContaining({ kind: "usage", message }),
  );
});

test("The parts of a selection are all of it, each check once", () => {
  const parts = ["1/3", "2/3", "3/3"].flatMap((shard) => select(catalog, { ...everything, shard }));
  expect(parts.map(({ id }) => id).toSorted()).toEqual(catalog.map(({ id }) => id));
});

test("A selection that leaves nothing is a usage error that repeats it", () => {
  expect(() => select(catalog, { ...everything, profile: "core", check: ["inbound/undeclared-port"] })).toThrow(
    expect.objectContaining({
      kind: "usage",
      message: "No check fits profile `core` and check `inbound/undeclared-port`; there are 3 checks.",
    }),
  );
});
