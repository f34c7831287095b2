import { expect, test } from "vitest";
import { errorRun, failingRun, sampleEvidence } from "../sample-faults.ts";
import { syntheticRun } from "../sample-run.ts";
import { sampleCase, sampleReport, sampleStage } from "../sample.ts";
import { failuresSection, flakySection, toldInFull } from "./faults.ts";
import { type Html, textOf } from "./markup.ts";

const plain = (markup: Html | false) =>
  markup
    ? textOf(markup)
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ")
    : "";

test("What failed comes before what could not be judged, each with expected, got, why and its own command.", () => {
  const text = plain(failuresSection(failingRun(), new Map()));
  const order = [
    "failed 30 of 30 requests of one VMI",
    "Expected answered with 200 over mutual TLS as spiffe://cluster.local/ns/",
    "Got timeout (context deadline exceeded)",
    "Why vmi vmesh-scenarios-cirros-to-istio-vmi-x7k2p/cirros-vmi",
    "Calls that did not end as expected",
    "scripts/vmesh run --provider lab --nodes 1 --seed 506207 --check scenarios/cirros-to-istio-vmi",
    "failed Under STRICT a pod outside the mesh is reset by a VMI",
    "Last seen pod vmesh-strict-unmeshed-pod-refused",
    "error Five of Istio&#39;s ten reserved ports",
    "the worker ended before the check did",
    "listening on 15004",
    "--check inbound/reserved-ports",
  ].map((words) => text.indexOf(words));
  expect(order).not.toContain(-1);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
});

test("A check that a line end made red shows it.", () => {
  const failure = { type: "AssertionError", message: "no", expected: "a", actual: "a\n" };
  const run = sampleReport({ cases: [sampleCase({ outcome: "failed", failure })] });
  expect(plain(failuresSection(run, new Map()))).toContain("Expected &quot;a&quot; Got &quot;a\\n&quot;");
});

test("A broken stage tells its evidence, its mend and its cause.", () => {
  const text = plain(failuresSection(errorRun(), new Map()));
  expect(text).toMatch(/error Stage istio failed.*Component istio is not ready\..*ImagePullBackOff/);
  expect(text).toMatch(
    /To mend it look at the pod.*Caused by Not true within 120 s: Deployment istiod-1-31-1 is available\./,
  );
  expect(text).toContain("Last seen it has 0 of 1 replicas");
});

test("The evidence of a broken stage stands in it.", () => {
  const stages = [sampleStage({ outcome: "failed", attachments: ["diagnostics/cluster/istiod.log"] })];
  const evidence = new Map([["diagnostics/cluster/istiod.log", { bytes: 12, text: "no such image" }]]);
  expect(plain(failuresSection(sampleReport({ stages, cases: [] }), evidence))).toMatch(
    /Stage cluster failed.*Evidence .*istiod\.log 12 B open the file no such image/,
  );
});

test("Evidence stands in its check: its text, a link to the file, or why there is no text.", () => {
  const markup = textOf(failuresSection(failingRun(), sampleEvidence()) || []);
  expect(markup).toContain("Startup probe failed: HTTP probe failed with statuscode: 503");
  expect(markup).toMatch(/href="\.\/diagnostics\/scenarios\/[^"]+\/events\.txt"/);
  expect(markup).toMatch(/core<\/code> <a [^>]+>open the file<\/a> <span class="sub">not shown here: it is not text/);
  const hostile = sampleCase({ outcome: "failed", attachments: ["javascript:alert(1)", "a b/../c?d"] });
  const links = textOf(failuresSection(sampleReport({ cases: [hostile] }), new Map()) || []);
  expect(links.match(/href="\.[^"]+"/g)).toEqual([`href="./javascript%3Aalert(1)"`, `href="./a%20b/../c%3Fd"`]);
});

test("A flaky check tells what its red try said, and every try.", () => {
  const text = plain(flakySection(failingRun(), new Map()));
  expect(text).toMatch(/flaky While istiod is restarted.*Expected 0 requests lost.*Got 2 requests lost/);
  expect(text).toMatch(/2 tries.*failed repetition 1, try 1.*2 of 212 requests.*passed repetition 1, try 2/);
});

test("A green run has neither section.", () => {
  const green = sampleReport({ cases: [sampleCase()] });
  expect([failuresSection(green, new Map()), flakySection(green, new Map())]).toEqual([false, false]);
});

test("Of very many red checks the first are told in full and the others by name, with how their message begins.", () => {
  const report = syntheticRun(1_000);
  const markup = textOf(failuresSection(report, new Map()) || []);
  const red = report.cases.filter(({ outcome }) => outcome === "failed").length;
  expect(red).toBeGreaterThan(80);
  expect(markup.match(/<article/g)).toHaveLength(40);
  expect(toldInFull(report).size).toBe(40);
  expect(markup).toContain(`${red - 40} more checks, by name`);
  expect(
    markup.match(/<li><a href="#c-\d+"><code>[^<]+<\/code><\/a> It ended as <code>timeout<\/code>\.<\/li>/g),
  ).toHaveLength(red - 40);
});
