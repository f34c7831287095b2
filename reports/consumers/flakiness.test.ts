import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { run } from "../../lib/command.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { junit } from "../junit.ts";
import type { RunReport } from "../model.ts";
import { everyEnd } from "./sample-run.ts";

// The program with which flakiness.io reads JUnit. It alone of those on npm knows Surefire's reruns and flaky tries.

const program = fileURLToPath(new URL("lib/cli.js", import.meta.resolve("@flakiness/junit-xml/package.json")));

interface Attempt {
  status?: "failed" | "skipped";
  errors?: { message: string; stack: string }[];
  annotations: { type: string; description: string }[];
  attachments?: { name: string; contentType: string }[];
  duration?: number;
}

/** What it makes of a report: the attempts of each test by `suite/name`. Nothing is uploaded. */
async function seen(report: RunReport): Promise<Record<string, Attempt[]>> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "junit.xml"), junit(report));
  for (const path of report.cases.flatMap(({ attachments }) => attachments)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `evidence ${path}\n`);
  }
  const args = [program, "--disable-upload", "--commit-id", "0".repeat(40), "--output-dir", "seen", "junit.xml"];
  await run(process.execPath, args, { cwd: folder, timeoutMs: 30_000 });
  const text = await readFile(join(folder, "seen/report.json"), "utf8");
  const { suites } = JSON.parse(text) as {
    suites: { title: string; tests: { title: string; attempts: Attempt[] }[] }[];
  };
  const tests = suites.flatMap(({ title, tests: inside }) =>
    inside.map((one) => [`${title}/${one.title}`, one.attempts]),
  );
  return Object.fromEntries(tests);
}

describe("flakiness.io", { timeout: 60_000 }, () => {
  test("sees how each case ended, and in how many attempts", async () => {
    const tests = await seen(everyEnd());
    const ends = Object.entries(tests).map(([name, attempts]) => [
      name,
      attempts.map(({ status }) => status ?? "passed"),
    ]);
    expect(Object.fromEntries(ends)).toEqual({
      "vmesh.stages/cluster": ["passed"],
      "vmesh.stages/suites": ["passed"],
      "vmesh.stages/cluster (teardown)": ["failed"],
      "vmesh.stages/verdict": ["passed"],
      "vmesh.inbound/declared-port": ["passed"],
      "vmesh.inbound/strict": ["failed"],
      "vmesh.inbound/h2": ["failed", "failed", "passed"],
      "vmesh.egress/blackhole": ["failed", "failed"],
      "vmesh.egress/tls": ["failed", "failed"],
      "vmesh.egress/repeated": ["failed"],
      "vmesh.migration/identity": ["skipped"],
      "vmesh.text/<name> & \"quotes\" 'and' ]]> é😀": ["passed"],
    });
  });

  test("sees why, with what was expected and got, and the reasons of earlier attempts", async () => {
    const tests = await seen(everyEnd());
    const messages = (name: string) => tests[name]?.map(({ errors = [] }) => errors.map(({ message }) => message));
    expect(messages("vmesh.inbound/h2")).toEqual([
      ["AssertionError expected 200, got 503"],
      ["HarnessError no answer"],
      [],
    ]);
    expect(messages("vmesh.egress/tls")?.flat()).toEqual([
      "HarnessError the cluster does not answer",
      "AssertionError expected 200, got 000",
    ]);
    const [error] = tests["vmesh.inbound/strict"]?.[0]?.errors ?? [];
    expect(error?.stack).toContain(
      "expected: reset by the proxy\ngot: answered <200> & more\n    at strict.test.ts:3:1",
    );
  });

  test("sees properties, reasons of skips, times and evidence", async () => {
    const tests = await seen(everyEnd());
    const annotations = (name: string) =>
      Object.fromEntries(tests[name]?.at(-1)?.annotations.map(({ type, description }) => [type, description]) ?? []);
    expect(annotations("vmesh.inbound/declared-port")).toMatchObject({
      title: "A declared port is served over mTLS",
      profile: "core",
      latency_p50_ms: "1.5",
      "istio-vmi_first_mtls_ms": "9500",
    });
    expect(annotations("vmesh.inbound/h2")).toMatchObject({ flaky: "true", tries: "3" });
    expect(annotations("vmesh.egress/repeated")).toMatchObject({ repetitions: "3", red_repetitions: "2" });
    expect(annotations("vmesh.migration/identity")).toMatchObject({ skipped: "two-nodes: the cluster has one node" });
    expect(tests["vmesh.inbound/declared-port"]?.[0]?.duration).toBe(3210);
    expect(tests["vmesh.inbound/strict"]?.[0]?.attachments).toMatchObject([
      { name: "events.txt", contentType: "text/plain" },
      { name: "console.txt", contentType: "text/plain" },
    ]);
  });

  test("sees a flaky case as failed where none may be", async () => {
    const tests = await seen(everyEnd({ failOnFlaky: true }));
    expect(tests["vmesh.inbound/h2"]?.map(({ status }) => status)).toEqual(["failed", "failed", "failed"]);
    expect(tests["vmesh.inbound/h2"]?.[0]?.errors?.[0]?.message).toContain("`--fail-on-flaky` counts as failed");
  });
});
