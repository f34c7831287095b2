import { describe, expect, test } from "vitest";
import { markdown } from "./markdown.ts";
import { sampleCase, sampleReport, sampleStage } from "./sample.ts";

describe("the summary of a run", () => {
  test("has verdict, versions, counts, the command and what did not simply pass, the gravest first.", () => {
    const { cases } = sampleReport();
    const flaky = sampleCase({
      id: "dns/capture",
      title: "It is found.",
      outcome: "flaky",
      failure: { type: "E", message: "NXDOMAIN" },
    });
    const broken = sampleStage({ outcome: "failed", phase: "teardown", error: { type: "E", message: "It | stays." } });
    const report = sampleReport({ cases: [flaky, ...cases.toReversed()], stages: [sampleStage(), broken] });
    expect(markdown(report)).toBe(`## vmesh: failed

**2 passed, 2 failed, 1 skipped**; run 20260102-030405-ab12, provider lab, 1 node, seed 7, 91 s, exit code 1

Versions: istio 1.31.1, kubevirt v1.7.0

| profile | passed | flaky | failed | error | skipped |
| --- | ---: | ---: | ---: | ---: | ---: |
| core | 1 | 1 | 1 | 0 | 0 |
| extended | 0 | 0 | 0 | 0 | 1 |

To repeat it:

    scripts/vmesh run --suite inbound --seed 7

| what | ended | why |
| --- | --- | --- |
| stage cluster (teardown) | failed | It \\| stays. |
| \`inbound/strict\`<br>Plaintext is reset under STRICT | failed | expected reset, got 200<br>expected: reset<br>got: answered 200 |
| \`dns/capture\`<br>It is found. | flaky | NXDOMAIN |
| \`migration/identity\`<br>A declared port is served over mTLS | skipped | two-nodes: the cluster has one node |
`);
  });

  test("of a run in which all passed has no table of what did not.", () => {
    const text = markdown(sampleReport({ cases: [sampleCase()], versions: {}, verdict: "conformant", exitCode: 0 }));
    expect(text).toMatch(/^## vmesh: conformant\n/);
    expect(text).not.toContain("| what |");
    expect(text).not.toContain("Versions");
  });

  test("of a part of the checks says so.", () => {
    const report = sampleReport({ catalog: { core: 80, extended: 41 }, selection: { profile: ["core"] } });
    expect(markdown(report)).toContain("1 skipped** (3 of 80 checks, as selected); run");
  });

  test("says what interrupted the run.", () => {
    expect(markdown(sampleReport({ interruption: "Interrupted by SIGINT." }))).toContain(
      "\n\nInterrupted by SIGINT.\n\n",
    );
  });

  test("keeps within its bytes and counts the rows that do not fit.", () => {
    const cases = Array.from({ length: 5_000 }, (_, index) =>
      sampleCase({ id: `a/${index}`, outcome: index === 4_999 ? "failed" : "skipped", reason: "ü".repeat(3_000) }),
    );
    const limit = 1024 * 1024;
    const text = markdown(sampleReport({ cases }), limit) ?? "";
    const rows = text.match(/^\| `a\//gm)?.length ?? 0;
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
    expect(Buffer.byteLength(text)).toBeGreaterThan(limit - 5_000);
    expect(text).toContain("`a/4999`");
    expect(text).toMatch(new RegExp(`\\n\\n${5_000 - rows} more rows are in \`report.json\``));
  });

  test("keeps within its bytes wherever the rows are cut.", () => {
    const report = sampleReport({ cases: Array.from({ length: 99 }, () => sampleCase({ outcome: "skipped" })) });
    for (let limit = 2_000; limit < 2_100; limit += 1) {
      const text = markdown(report, limit) ?? "";
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
      expect(text).toContain("more rows are in");
    }
  });

  test.for([
    ["with rows", sampleReport()],
    ["without", sampleReport({ cases: [sampleCase()] })],
  ] as const)("is nothing where not even the verdict fits, %s.", ([, report]) => {
    expect(markdown(report, 300)).toBeUndefined();
    expect(markdown(report, 2_000)).toBeDefined();
  });
});
