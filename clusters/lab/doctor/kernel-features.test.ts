import { chmod, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../../../lib/temporary-folder.ts";
import { tryFeature, tryKernelFeatures } from "./kernel-features.ts";

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)("A feature that the kernel lacks is missing, with the program's own words and a mend.", async () => {
  const script = "ip link add n0 type vmeshnone";
  const feature = { name: "kernel: none", program: "ip", script, mend: "wait for it" };
  const base = await temporaryFolder();
  expect(await tryFeature(feature, base)).toMatchObject({
    level: "missing",
    detail: expect.stringMatching(/vmeshnone|Unknown/),
    mend: "wait for it",
  });
  expect(await readdir(base)).toEqual([]);
});

test.runIf(isRoot)("A trial that is forbidden says to mend the rights first.", async () => {
  const script = "echo 'RTNETLINK answers: Operation not permitted' >&2; exit 2";
  const feature = { name: "kernel: none", program: "sh", script, mend: "load the module `none` (modprobe)" };
  expect(await tryFeature(feature, await temporaryFolder())).toMatchObject({
    level: "missing",
    detail: "RTNETLINK answers: Operation not permitted",
    mend: expect.stringContaining("capabilities"),
  });
});

test.runIf(isRoot)("A trial is given a folder of its own, which is gone afterwards.", async () => {
  const base = await temporaryFolder();
  const feature = { name: "kernel: files", program: "sh", script: 'touch "$1/file"; test -f "$1/file"', mend: "" };
  expect(await tryFeature(feature, base)).toMatchObject({ level: "fine", detail: "works" });
  expect(await readdir(base)).toEqual([]);
});

test("A feature whose program is yet to be installed is not judged.", async () => {
  const feature = { name: "kernel: none", program: "vmesh-no-such-program", script: "false", mend: "" };
  expect(await tryFeature(feature, await temporaryFolder())).toMatchObject({
    level: "fine",
    detail: "not tried before `vmesh-no-such-program` is installed",
  });
});

test.runIf(isRoot)("Every feature is tried, and one that is missing says how to mend it.", async () => {
  const findings = await tryKernelFeatures(await temporaryFolder());
  expect(new Set(findings.map(({ name }) => name)).size).toBe(findings.length);
  for (const { name, level, mend } of findings) {
    expect(name).toMatch(/^kernel: /);
    expect(mend === undefined).toBe(level === "fine");
  }
});

test.runIf(isRoot)("A feature whose program complains is missing: each of them.", async () => {
  const programs = await temporaryFolder();
  for (const name of ["ip", "iptables", "nft", "mount", "mknod"]) {
    await writeFile(join(programs, name), `#!/bin/sh\necho "${name}: the kernel has no such thing" >&2\nexit 1\n`);
    await chmod(join(programs, name), 0o755);
  }
  vi.stubEnv("PATH", `${programs}:${process.env["PATH"]}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const findings = await tryKernelFeatures(await temporaryFolder());
  // Namespaces are tried with the program that makes them for the other trials.
  const others = findings.filter(({ name }) => name !== "kernel: namespaces");
  const tried = others.filter(({ detail }) => !detail.startsWith("not tried"));
  expect(tried).not.toEqual([]);
  for (const { name, level, detail, mend } of tried) {
    expect(level, name).toBe("missing");
    expect(detail, name).toMatch(/: the kernel has no such thing$/);
    expect(mend, name).toMatch(/\w/);
  }
});
