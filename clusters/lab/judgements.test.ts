import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  isWarmCache,
  judgeCapabilities,
  judgeCgroups,
  judgeDisk,
  judgeGo,
  judgeKvm,
  judgeMemory,
  judgeMirror,
  judgePackages,
  judgePort,
  judgeSystem,
  judgeUser,
} from "./judgements.ts";

const allControllers = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "pids"];
const enabled = (names: readonly string[]) => names.map((name) => `${name}\t3\t1\t1\n`).join("");
const version1 = (names: readonly string[]) =>
  names.map((name) => `cgroup /sys/fs/cgroup/${name} cgroup rw,relatime,${name} 0 0\n`).join("");
const version2 = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n";
const hybrid = "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";

const listener = (local: string) => `LISTEN 0      4096   ${local}   0.0.0.0:*    users:(("nginx",pid=7,fd=3))  \n`;

test.for([
  ["Linux on x64", judgeSystem("linux", "x64"), true],
  ["macOS", judgeSystem("darwin", "x64"), false],
  ["Linux on Arm", judgeSystem("linux", "arm64"), false],
  ["root", judgeUser(true), true],
  ["another user", judgeUser(false), false],
  ["no missing package", judgePackages([], false, true), true],
  ["a missing package that a run installs", judgePackages(["nftables"], true, true), true],
  ["a missing package without root", judgePackages(["nftables"], false, true), false],
  ["a missing package on another system", judgePackages(["nftables"], true, false), false],
  ["all capabilities", judgeCapabilities({ privileged: true }), true],
  ["no SYS_RESOURCE", judgeCapabilities({ privileged: false, capabilities: [], missing: ["SYS_RESOURCE"] }), true],
  [
    "no NET_ADMIN",
    judgeCapabilities({ privileged: false, capabilities: [], missing: ["SYS_RESOURCE", "NET_ADMIN"] }),
    false,
  ],
  ["cgroups of version 2", judgeCgroups(version2, ""), true],
  ["cgroups of version 1", judgeCgroups(version1(allControllers), enabled(allControllers)), true],
  ["both versions", judgeCgroups(version1(allControllers) + hybrid, enabled(allControllers)), true],
  ["version 2 without its controllers at the root", judgeCgroups(hybrid, enabled(allControllers)), false],
  ["a controller that is not mounted", judgeCgroups(version1(allControllers.slice(1)), enabled(allControllers)), false],
  ["a controller that is disabled", judgeCgroups(version1(allControllers), enabled(allControllers.slice(1))), false],
  ["no cgroups", judgeCgroups("proc /proc proc rw 0 0\n", ""), false],
  ["20 GB for an empty cache", judgeDisk(20e9, false, "/cache"), true],
  ["19 GB for an empty cache", judgeDisk(19.9e9, false, "/cache"), false],
  ["8 GB for a filled cache", judgeDisk(8e9, true, "/cache"), true],
  ["7 GB for a filled cache", judgeDisk(7.9e9, true, "/cache"), false],
  ["a free port", judgePort(5000, true, ""), true],
  ["a port that somebody has everywhere", judgePort(5000, false, listener("0.0.0.0:5000")), false],
  ["a port that somebody has in IPv6 too", judgePort(5000, false, listener("*:5000")), false],
  ["a port that another lab has on its own address", judgePort(5000, false, listener("172.30.0.1:5000")), true],
  [
    "a port that one has on an address, one everywhere",
    judgePort(5000, false, listener("127.0.0.1:5000") + listener("[::]:5000")),
    false,
  ],
  ["a taken port without a listener in sight", judgePort(5000, false, listener("0.0.0.0:15000")), false],
  ["a taken port where `ss` is missing", judgePort(5000, false, undefined), false],
  ["a mirror", judgeMirror("http://mirror.example/debian", false), true],
  ["no mirror before an update", judgeMirror(undefined, true), true],
  ["no mirror", judgeMirror(undefined, false), false],
  ["8 GiB less what the kernel keeps", judgeMemory(7.7 * 2 ** 30), true],
  ["4 GiB", judgeMemory(4 * 2 ** 30), false],
  ["a Go that switches toolchains", judgeGo({ version: "go1.21.0", toolchain: "auto", hasPip: false }), true],
  ["an older Go that may not switch", judgeGo({ version: "go1.25.3", toolchain: "local", hasPip: true }), false],
  ["a new Go that may not switch", judgeGo({ version: "go1.26.0", toolchain: "local", hasPip: false }), true],
  ["an ancient Go beside pip", judgeGo({ version: "go1.19.8", toolchain: "", hasPip: true }), true],
  ["an ancient Go alone", judgeGo({ version: "go1.19.8", toolchain: "", hasPip: false }), false],
  ["neither Go nor pip", judgeGo({ version: undefined, toolchain: "", hasPip: false }), false],
  ["KVM", judgeKvm(true), true],
  ["no KVM", judgeKvm(false), true],
] as const)("%s is judged, and whatever is not ok has a mend", ([, finding, ok]) => {
  expect(finding.ok).toBe(ok);
  expect(finding.mend === undefined).toBe(ok);
  expect(finding.detail).not.toBe("");
});

test.each([
  [["go-1", "image-store-1.ab12.draft", "locks"], false],
  [["go-1", "rootfs-node-1"], false],
  [["image-store-0123456789abcdef", "image-store-1.ab12.draft"], true],
])("a cache with %j is warm: %s", (entries, isWarm) => {
  expect(isWarmCache(entries)).toBe(isWarm);
});

describe("a finding", () => {
  test("on a taken port names who has it", () => {
    expect(judgePort(5000, false, listener("0.0.0.0:5000")).detail).toBe(
      "5000 is taken on all addresses by `nginx` (pid 7) at 0.0.0.0:5000",
    );
  });

  test("names what is missing and what was expected", () => {
    expect(judgeDisk(7.9e9, true, "/cache")).toEqual({
      name: "disk",
      ok: false,
      detail: "7 GB free at `/cache`, expected 8 GB for a run with a filled cache",
      mend: "free 1 GB there, or move the cache to a larger disk",
    });
    expect(judgePackages(["nftables", "iptables"], false, true).mend).toBe(
      "sudo apt-get install --no-install-recommends nftables iptables",
    );
    expect(judgeCgroups(version1(allControllers.slice(1)), enabled(allControllers)).detail).toBe(
      "version 1 without: cpu",
    );
  });

  test("on Go asks for the version of the newest go.mod", async () => {
    const families = ["istio", "kubernetes", "kubevirt"].map((name) =>
      join(import.meta.dirname, "toolchain", name, "go.mod"),
    );
    const texts = await Promise.all(families.map((path) => readFile(path, "utf8")));
    const newest = Math.max(...texts.map((text) => Number(/^go 1\.(\d+)/m.exec(text)?.[1])));
    expect(judgeGo({ version: `go1.${newest}.0`, toolchain: "local", hasPip: false }).ok).toBe(true);
    expect(judgeGo({ version: `go1.${newest - 1}.0`, toolchain: "local", hasPip: false }).ok).toBe(false);
  });
});
