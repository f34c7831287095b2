import { expect, test } from "vitest";
import { sampleMilestones, samplePeer } from "../sample-calls.ts";
import { sampleCase, sampleReport } from "../sample.ts";
import { latencySection } from "./latency.ts";
import { textOf } from "./markup.ts";

/** The table's rows as texts. */
function rows(cases: Parameters<typeof sampleCase>[0][]): string[][] {
  const markup = textOf(latencySection(sampleReport({ cases: cases.map((one) => sampleCase(one)) })) || []);
  return [...markup.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = ""]) =>
    [...row.matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/gs)].map(([, cell = ""]) => cell.replace(/<[^>]*>/g, "").trim()),
  );
}

test("Milestones are told by kind of peer with count, median and longest.", () => {
  const pods = ["a", "b", "c"].map((name) => samplePeer("shop", name, "pod"));
  const plain = samplePeer("out", "d", "vmi", true);
  const [head, ...body] = rows([{ milestones: sampleMilestones([...pods, plain]) }]);
  expect(head).toEqual(["Peer", "Until it", "n", "Median", "Longest", "Spread, up to 38.0 s"]);
  expect(body).toEqual([
    ["mesh pod", "is ready", "3", "6.63 s", "7.07 s", ""],
    ["first mutual TLS", "3", "7.60 s", "8.09 s", ""],
    ["VMI without proxy", "boots", "1", "10.9 s", "10.9 s", ""],
    ["is ready", "1", "38.0 s", "38.0 s", ""],
  ]);
});

test("Milestones of red checks are left out, as when runs are compared.", () => {
  const milestones = sampleMilestones([samplePeer("shop", "a", "pod")]);
  const ends = ["passed", "flaky", "failed", "error"] as const;
  const [, ...body] = rows(ends.map((outcome) => ({ id: `a/${outcome}`, outcome, milestones })));
  const counts = body.map((cells) => cells.slice(-4, -3));
  expect(counts).toEqual([["2"], ["2"]]);
});

test("Numbers that checks measured are told by name, also those that are text; words are not.", () => {
  const [, ...body] = rows([
    { id: "a/x", properties: { lost_ms: 1_200, requests_per_second: "0.98", colour: "red", none: "" } },
    { id: "a/y", properties: { lost_ms: 200 } },
  ]);
  expect(body).toEqual([
    ["lost_ms", "2", "700 ms", "1.20 s", "a/x and 1 more"],
    ["requests_per_second", "1", "0.98", "0.98", "a/x"],
  ]);
});

test("A run that measured nothing has no such section.", () => {
  expect(latencySection(sampleReport({ cases: [sampleCase()] }))).toBe(false);
});
