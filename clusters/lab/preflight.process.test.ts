import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { findingSchema } from "../finding.ts";
import { preflight } from "./preflight.ts";
import { parseSettings } from "./settings.ts";

afterEach(() => void vi.unstubAllEnvs());

const isLinux = process.platform === "linux";
const settings = parseSettings({ podSubnet: "127.0.0.0/16" });

/** A cache with an entry of each kind that comes from a registry, so that none is asked. */
async function filledCache(): Promise<string> {
  const cacheDir = await temporaryFolder();
  const kinds = "rootfs-net rootfs-node packages go go-kubernetes go-kubevirt go-istio sidecar envoy image-store";
  for (const kind of [...kinds.split(" "), "machine"]) await mkdir(join(cacheDir, `${kind}-0123456789abcdef`));
  return cacheDir;
}

test.runIf(isLinux)("Every prerequisite is found at once, whatever one look ends with.", async () => {
  vi.stubEnv("DOCKER_HOST", "tcp://192.0.2.9:2375");
  const cacheDir = await filledCache();
  const before = await readdir(cacheDir);
  const findings = await preflight({ settings, cacheDir, nodes: 1 });

  const named = new Map(findings.map((finding) => [finding.name, finding]));
  expect(named.size).toBe(findings.length);
  const names =
    "system processors memory swap clock kvm user capabilities confinement cgroups inotify processes subnets " +
    "disk packages engine go PyPI";
  const words = ["open files", "registry port", "guest range", "cache folder", "temporary folder", "Go modules"];
  expect([...names.split(" "), ...words].filter((name) => !named.has(name))).toEqual([]);
  expect(named.has("Debian packages")).toBe(existsSync("/usr/bin/apt-get"));
  expect(named.has("kernel: overlay")).toBe(process.getuid?.() === 0);

  expect(named.get("engine")).toMatchObject({ ok: false, mend: expect.stringContaining("unset DOCKER_HOST") });
  expect(named.get("subnets")).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/^`podSubnet` 127\.0\.0\.0\/16 is not free: interface `lo` has 127\.0\.0\.1\/8\.$/),
  });
  for (const finding of findings) {
    expect(findingSchema.parse(finding)).toEqual(finding);
    expect(finding.ok, finding.name).toBe(finding.level !== "missing");
    expect(finding.mend === undefined, finding.name).toBe(finding.level === "fine");
  }
  expect(await readdir(cacheDir)).toEqual(before);
});

test.runIf(isLinux)("A quick look leaves out the trial boot, and nothing else.", async () => {
  const cacheDir = await filledCache();
  const names = async (quick: boolean) =>
    (await preflight({ settings, cacheDir, nodes: 1, quick })).map(({ name }) => name);
  expect((await names(false)).filter((name) => name !== "kvm")).toEqual(await names(true));
});

test.runIf(isLinux)("Without any program in PATH there is a finding for every look that fails.", async () => {
  vi.stubEnv("PATH", "/nowhere");
  const findings = await preflight({ settings: parseSettings({}), cacheDir: await filledCache(), nodes: 1 });
  const failed = findings.filter(({ ok }) => !ok);
  expect(failed).not.toEqual([]);
  for (const { name, mend } of failed) expect(mend, name).toMatch(/\w/);
  expect(findings.find(({ name }) => name === "memory")).toBeDefined();
});
