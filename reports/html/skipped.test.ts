import { expect, test } from "vitest";
import { sampleCase, sampleReport } from "../sample.ts";
import { textOf } from "./markup.ts";
import { skippedSection } from "./skipped.ts";

const skipped = (reason: string | undefined, id: string) => sampleCase({ id, outcome: "skipped", reason });

test("Skipped checks are told by reason, the commonest first, with how many of them are core.", () => {
  const cases = [
    skipped("two-nodes: the cluster has one node", "a/x"),
    skipped("multus: `nad` <is> missing", "a/y"),
    { ...skipped("multus: `nad` <is> missing", "a/z"), profile: "extended" as const },
    sampleCase({ id: "a/green" }),
  ];
  const markup = textOf(skippedSection(sampleReport({ cases })) || []);
  expect(
    [...markup.matchAll(/<span class="reason">(.*?)<\/span> <span class="in">(.*?)<\/span>/g)].map((all) =>
      all.slice(1),
    ),
  ).toEqual([
    ["multus: <code>nad</code> &lt;is&gt; missing", "2 checks, 1 core"],
    ["two-nodes: the cluster has one node", "1 check, 1 core"],
  ]);
  expect([...markup.matchAll(/href="#c-(\d+)"/g)].map(([, index]) => index)).toEqual(["1", "2", "0"]);
});

test("A reason that was not recorded is told as such, and of very many checks the first are named.", () => {
  const cases = Array.from({ length: 300 }, (_, index) => skipped(undefined, `a/${index}`));
  const markup = textOf(skippedSection(sampleReport({ cases })) || []);
  expect(markup).toContain("no reason was recorded");
  expect(markup.match(/<li>/g)).toHaveLength(200);
  expect(markup).toContain("The list of all checks has the others.");
});

test("A run that skipped nothing has no such section.", () => {
  expect(skippedSection(sampleReport({ cases: [sampleCase()] }))).toBe(false);
});
