import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { errorRun, failingRun } from "../sample-faults.ts";
import { sampleRun } from "../sample-run.ts";
import { sampleReport } from "../sample.ts";
import { htmlPage } from "./page.ts";

const sectionsOf = (page: string) => [...page.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id);

test.for([
  ["a failing run", failingRun(), "verdict failures flaky skipped topology timeline latency checks"],
  ["a passing run", sampleRun(), "verdict skipped topology timeline latency checks"],
  ["a run that did not come to its checks", errorRun(), "verdict failures skipped topology timeline checks"],
] as const)("The page of %s tells first what is asked first, and leads to each section.", ([, report, sections]) => {
  const page = htmlPage(report);
  expect(sectionsOf(page)).toEqual(sections.split(" "));
  const links = [...(/<nav.*?<\/nav>/s.exec(page)?.[0].matchAll(/href="#(\w+)"/g) ?? [])].map(([, id]) => id);
  expect(links).toEqual(sections.split(" "));
});

test("The page allows its own style and script and nothing else.", () => {
  const page = htmlPage(sampleReport());
  const hash = (tag: string) => {
    const text = new RegExp(`<${tag}>(.*?)</${tag}>`, "s").exec(page)?.[1] ?? "";
    expect(text).not.toBe("");
    return `&#39;sha256-${createHash("sha256").update(text).digest("base64")}&#39;`;
  };
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
  expect(policy?.split("; ")).toEqual([
    "default-src &#39;none&#39;",
    `style-src ${hash("style")}`,
    `script-src ${hash("script")}`,
    "img-src data:",
    "base-uri &#39;none&#39;",
    "form-action &#39;none&#39;",
  ]);
  expect(page).not.toMatch(/\son\w+=|\sstyle="/);
});

test("The page tells beside the version of vmesh at which commit it was, where there was one.", () => {
  expect(htmlPage(sampleReport({ commit: "a1b2c3" }))).toContain("<code>0.1.0</code> (commit <code>a1b2c3</code>)");
  expect(htmlPage(sampleReport())).not.toContain("(commit");
});

test("All that the page loads is in it; links lead to itself or to files beside it.", () => {
  const page = htmlPage(failingRun());
  const addresses = [...page.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, address = ""]) => address);
  expect(addresses.length).toBeGreaterThan(100);
  expect(addresses.filter((address) => !/^(#|\.\/|data:image\/svg\+xml,)/.test(address))).toEqual([]);
});

test("A page is ASCII alone, whatever its report holds.", () => {
  const change = { runId: "Lauf ü 🙂", reproduce: "scripts/vmesh run → ok" };
  expect(htmlPage({ ...failingRun(), ...change })).toMatch(/^[\t\n -~]*$/);
});

test("The same report is the same page.", () => {
  expect(htmlPage(failingRun())).toBe(htmlPage(failingRun()));
});
