import { describe, expect, test } from "vitest";
import type { RunReport } from "../model.ts";
import { errorRun, failingRun, sampleEvidence } from "../sample-faults.ts";
import { sampleRun } from "../sample-run.ts";
import { withBrowser } from "./browser.fixture.ts";

const open = withBrowser();

/** Where a newcomer looks, and what must stand there. */
interface Answers {
  passed: RegExp;
  versions: RegExp;
  /** What failed and why; nothing where all is well. */
  failed?: { what: RegExp; why: RegExp; again: string };
  again: string;
}

const again = "scripts/vmesh run --provider lab --nodes 1 --profile extended --seed 506207";

const runs: [string, () => RunReport, Answers][] = [
  [
    "a passing run",
    sampleRun,
    {
      passed: /^Conformant\s.*all 24 checks that ran passed/s,
      versions: /Istio\s+1\.31\.1.*KubeVirt\s+v1\.7\.0/s,
      again,
    },
  ],
  [
    "a failing run",
    failingRun,
    {
      passed: /^Failed\s.*2 of 20 checks that ran found the mesh at fault/s,
      versions: /Istio\s+1\.31\.1.*KubeVirt\s+v1\.7\.0/s,
      failed: {
        what: /30 of 30 requests of one VMI to another's Service/,
        why: /Expected\s+answered with 200 over mutual TLS.*Got\s+timeout \(context deadline exceeded\)/s,
        again: "scripts/vmesh run --provider lab --nodes 1 --seed 506207 --check scenarios/cirros-to-istio-vmi",
      },
      again,
    },
  ],
  [
    "a run that ended in an error",
    errorRun,
    {
      passed: /^Error\s.*Stage istio failed, and none of 25 checks was judged/s,
      versions: /Kubernetes\s+v1\.34\.4/,
      failed: {
        what: /Stage istio failed/,
        why: /Component istio is not ready\..*ImagePullBackOff.*To mend it/s,
        again,
      },
      again,
    },
  ],
];

describe.each(runs)("On the page of %s", (_, report, answers) => {
  test("a newcomer reads on the first screen whether it passed, with which versions, and how to repeat it.", async () => {
    const { page } = await open(report());
    const verdict = page.locator("#verdict");
    expect(await verdict.innerText()).toMatch(answers.passed);
    expect(await verdict.innerText()).toMatch(answers.versions);
    const line = verdict.locator(".command code");
    expect(await line.innerText()).toBe(answers.again);
    expect((await line.boundingBox())?.y).toBeLessThan(900);
  });

  test("a newcomer finds what failed, why, and how to repeat that alone.", async () => {
    const { failed } = answers;
    const { page } = await open(report(), {}, sampleEvidence());
    const faults = page.locator("#failures .fault");
    if (!failed) return expect(await faults.count()).toBe(0);
    await page.getByRole("link", { name: "Failures" }).click();
    expect(await faults.first().locator("h3").innerText()).toMatch(failed.what);
    expect(await faults.first().innerText()).toMatch(failed.why);
    const lines = await page.locator("#failures .command code, #verdict .command code").allInnerTexts();
    expect(lines).toContain(failed.again);
  });
});
