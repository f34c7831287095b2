import { expect, test } from "vitest";
import { createLog } from "../lib/log.ts";
import { sampleCase, sampleReport } from "../reports/sample.ts";
import { tellReport } from "./console.ts";

function linesOf(cases: ReturnType<typeof sampleCase>[]): string[] {
  let text = "";
  tellReport(createLog({ write: (line) => (text += line) }), sampleReport({ cases }), "reports/out/x");
  return text.split("\n");
}

const story = (change: Parameters<typeof sampleCase>[0]) => sampleCase({ suite: "scenarios", ...change });

test("A run of the scenarios alone ends with a line for each of them, in their words.", () => {
  const lines = linesOf([
    story({ title: "A VM is called." }),
    story({ title: "Plaintext is reset.", outcome: "failed" }),
    story({ title: "A VM calls.", outcome: "skipped", reason: "needs `external-vm`: there is none" }),
  ]);
  expect(lines).toEqual(
    expect.arrayContaining([
      "proved: A VM is called.",
      "FAILED: Plaintext is reset.",
      "skipped: A VM calls. (needs `external-vm`: there is none)",
    ]),
  );
});

test("A run of other checks as well names the red ones alone.", () => {
  const lines = linesOf([story({ title: "A VM is called." }), sampleCase()]);
  expect(lines.filter((line) => line.startsWith("proved"))).toEqual([]);
});
