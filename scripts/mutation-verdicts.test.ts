import { describe, expect, test } from "vitest";
import { loadCatalog } from "../lib/catalog.ts";
import { sampleCase } from "../reports/sample.ts";
import { closing, faultsOf, judge, type PassResult, table } from "./mutation-verdicts.ts";
import { mutations } from "./mutations.ts";

const kills = { "inbound/a": /identity `none`/ };
const red = (message: string) => ({ outcome: "failed" as const, failure: { type: "Error", message } });

describe("a check under a mutation", () => {
  test.each([
    ["killed", "is red for the predicted reason", "inbound/a", red("saw the identity `none`")],
    [
      "killed",
      "is broken by it for the predicted reason",
      "inbound/a",
      { ...red("identity `none`"), outcome: "error" },
    ],
    ["OTHER REASON", "is red for another reason", "inbound/a", red("connection refused")],
    ["OTHER REASON", "is red without a word", "inbound/a", { outcome: "failed" }],
    ["SURVIVED", "is green although it is declared", "inbound/a", { outcome: "passed" }],
    ["UNDECLARED", "is red although it is not declared", "inbound/b", red("identity `none`")],
    ["untouched", "is green and not declared", "inbound/b", { outcome: "passed" }],
    ["skipped", "is skipped", "inbound/a", { outcome: "skipped" }],
  ] as const)("is %s if it %s.", (fate, _, id, how) => {
    expect(judge([{ name: "proxy", kills }], [sampleCase({ id, ...how })])).toMatchObject([{ check: id, fate }]);
  });

  test("may tell its reason on several lines.", () => {
    const [verdict] = judge(
      [{ name: "proxy", kills: { "inbound/a": /client .* 503/ } }],
      [sampleCase({ id: "inbound/a", ...red("client was answered\nwith 503") })],
    );
    expect(verdict?.fate).toBe("killed");
  });
});

describe("the result as a whole", () => {
  const result = (name: string, verdicts: PassResult["verdicts"]): PassResult => ({
    mutations: [{ name, sentence: `The ${name} is gone.` }],
    seconds: 41.6,
    verdicts,
  });

  test("has no fault if every demanded check is killed and nothing else is red.", () => {
    const verdicts = [
      { check: "inbound/a", fate: "killed", mutation: "proxy", message: "none" },
      { check: "inbound/b", fate: "untouched" },
    ] as const;
    expect(faultsOf([result("proxy", verdicts)], ["inbound/a"])).toEqual([]);
  });

  test("names every check that is not as predicted, and every one that nothing kills.", () => {
    const verdicts = [
      { check: "inbound/a", fate: "SURVIVED", mutation: "proxy" },
      { check: "inbound/b", fate: "UNDECLARED", message: "it was reset" },
      { check: "inbound/c", fate: "OTHER REASON", mutation: "proxy", message: "it timed out" },
    ] as const;
    expect(faultsOf([result("proxy", verdicts)], ["inbound/a", "inbound/d"])).toMatchInlineSnapshot(`
      [
        "inbound/a is green under \`proxy\`, which should kill it.",
        "inbound/b is red, though none of \`proxy\` declares it: it was reset",
        "inbound/c is red under \`proxy\` for another reason than predicted: it timed out",
        "inbound/a is killed by no mutation.",
        "inbound/d is killed by no mutation.",
      ]
    `);
  });

  test("says that every check is killed only if every check ran.", () => {
    const killed = { check: "inbound/a", fate: "killed", message: "none" } as const;
    const skipped = { check: "inbound/b", fate: "skipped" } as const;
    const untouched = { check: "inbound/b", fate: "untouched" } as const;
    const ran = [result("proxy", [killed, skipped]), result("policy", [killed, untouched])];
    expect(closing(ran, [])).toBe("Every check is killed, for the reason predicted.");
    const never = [result("proxy", [killed, skipped]), result("policy", [killed, skipped])];
    const rest = "Not shown of what was skipped in every pass: inbound/b.";
    expect(closing(never, [])).toBe(`Every check that ran is killed, for the reason predicted.\n${rest}`);
    expect(closing(never, ["inbound/a is green."])).toBe(`inbound/a is green.\n${rest}`);
  });

  test("is shown pass by pass.", () => {
    const results = [
      result("proxy", [
        { check: "inbound/service", fate: "killed", mutation: "proxy", message: "none" },
        { check: "strict/mesh", fate: "UNDECLARED", message: "none" },
        { check: "strict/two-nodes", fate: "skipped" },
      ]),
      result("policy", [{ check: "inbound/service", fate: "untouched" }]),
    ];
    expect(table(results)).toMatchInlineSnapshot(`
      "pass 1 of 2, 1 mutations, 42 s
        proxy: The proxy is gone.
        killed        inbound/service   proxy
        UNDECLARED    strict/mesh       -
        0 untouched, 1 skipped

      pass 2 of 2, 1 mutations, 42 s
        policy: The policy is gone.
        1 untouched, 0 skipped"
    `);
  });
});

describe("the mutations", () => {
  test("kill every check of the catalog, and nothing that is not in it.", async () => {
    const ids = (await loadCatalog()).map(({ id }) => id);
    expect([...new Set(mutations.flatMap(({ kills }) => Object.keys(kills)))].toSorted()).toEqual(ids.toSorted());
  });

  test("have names of their own and a sentence.", () => {
    const names = mutations.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, sentence } of mutations) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(sentence, name).toMatch(/^[A-Z].*[^.]\.$/);
    }
  });
});
