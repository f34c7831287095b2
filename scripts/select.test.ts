import { expect, test } from "vitest";
import { select, type Selectable, type Selection } from "./select.ts";

const catalog: Selectable[] = [
  { id: "inbound/declared-port", profile: "core", tags: ["vmi", "http"] },
  { id: "inbound/undeclared-port", profile: "extended", tags: ["vmi"] },
  { id: "security/strict", profile: "core", tags: ["http"] },
];
const everything: Selection = { profile: "extended", suite: [], check: [], tag: [] };

test.for<[string, Partial<Selection>, string[]]>([
  ["everything without a wish", {}, ["inbound/declared-port", "inbound/undeclared-port", "security/strict"]],
  ["core only", { profile: "core" }, ["inbound/declared-port", "security/strict"]],
  ["one suite", { suite: ["inbound"] }, ["inbound/declared-port", "inbound/undeclared-port"]],
  ["two suites", { suite: ["security", "inbound"] }, catalog.map((entry) => entry.id)],
  ["one check", { check: ["security/strict"] }, ["security/strict"]],
  ["checks with one of two tags", { tag: ["http", "vmi"] }, catalog.map((entry) => entry.id)],
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

test("A selection that leaves nothing is a usage error that repeats it", () => {
  expect(() => select(catalog, { ...everything, profile: "core", check: ["inbound/undeclared-port"] })).toThrow(
    expect.objectContaining({
      kind: "usage",
      message: "No check fits profile `core` and check `inbound/undeclared-port`; there are 3 checks.",
    }),
  );
});
