import { existsSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { tryFeature } from "./kernel-features.ts";
import { preflight } from "./preflight.ts";
import { parseSettings } from "./settings.ts";

const options = { cacheDir: "/nowhere/vmesh" };
const isRoot = process.getuid?.() === 0;

test.runIf(process.platform === "linux")(
  "every prerequisite is found at once, whatever one look ends with",
  async () => {
    vi.stubEnv("DOCKER_HOST", "tcp://192.0.2.9:2375");
    const findings = await preflight({ ...options, settings: parseSettings({ podSubnet: "127.0.0.0/16" }) });
    vi.unstubAllEnvs();

    const names = findings.map(({ name }) => name);
    for (const name of [
      "system",
      "user",
      "packages",
      "engine",
      "capabilities",
      "cgroups",
      "disk",
      "memory",
      "subnets",
      "go",
      "kvm",
      ...(existsSync("/usr/bin/apt-get") ? ["mirror"] : []),
      "registry port",
    ]) {
      expect(names).toContain(name);
    }
    expect(findings.find(({ name }) => name === "engine")).toMatchObject({
      ok: false,
      mend: expect.stringContaining("unset DOCKER_HOST"),
    });
    expect(findings.find(({ name }) => name === "subnets")).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^`podSubnet` 127\.0\.0\.0\/16 is not free: interface `lo` has 127\.0\.0\.1\/8\.$/),
    });
    for (const { ok, mend } of findings) expect(ok || mend !== undefined).toBe(true);
  },
  60_000,
);

test.runIf(isRoot)("a feature that the kernel lacks is a finding with the program's own words", async () => {
  const feature = { name: "kernel: none", program: "ip", script: "ip link add n0 type vmeshnone", mend: "wait for it" };
  expect(await tryFeature(feature)).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/vmeshnone|Unknown/),
    mend: "wait for it",
  });
});

test("a feature whose program is yet to be installed is not judged", async () => {
  const feature = { name: "kernel: none", program: "vmesh-no-such-program", script: "false", mend: "" };
  expect(await tryFeature(feature)).toMatchObject({
    ok: true,
    detail: "not tried before `vmesh-no-such-program` is installed",
  });
});
