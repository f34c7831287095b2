import { expect, test } from "vitest";
import { judgeCgroups, readCgroups, type SeenCgroups } from "./cgroups.ts";

const all = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "pids"];
const controllers = (names: readonly string[]) => names.map((name) => `${name}\t3\t1\t1\n`).join("");
const mounts1 = (names: readonly string[], mode = "rw") =>
  names.map((name) => `cgroup /sys/fs/cgroup/${name} cgroup ${mode},relatime,${name} 0 0\n`).join("");
const mounts2 = (mode = "rw") => `cgroup2 /sys/fs/cgroup cgroup2 ${mode},nosuid 0 0\n`;
const hybrid = "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";

const none = { controllers: "", delegated: "", type: "", processes: "" };
const host = { ...none, controllers: "cpuset cpu io memory pids\n", processes: "1\n2\n" };
const container = { ...host, type: "domain\n" };
const version1 = (mounts: string, table = controllers(all)): SeenCgroups => ({
  mounts,
  controllers: table,
  unified: none,
});
const version2 = (unified: SeenCgroups["unified"], mounts = mounts2()): SeenCgroups => ({
  mounts,
  controllers: "",
  unified,
});

test.for([
  ["version 2 of a host", version2(host), "version 2"],
  ["version 1", version1(mounts1(all)), "version 1"],
  ["both versions", version1(mounts1(all) + hybrid), "version 1"],
  ["a container whose root has no process", version2({ ...container, processes: "" }), "version 2"],
  [
    "a container whose root passes all on",
    version2({ ...container, delegated: "cpuset cpu memory pids" }),
    "version 2",
  ],
] as const)("%s: fine.", ([, seen, detail]) => {
  expect(judgeCgroups(seen)).toEqual({ name: "cgroups", level: "fine", ok: true, detail });
});

test.for([
  [
    "version 2 without memory",
    version2({ ...host, controllers: "cpuset cpu pids\n" }),
    "without: memory",
    "Delegate=yes",
  ],
  ["version 2, read-only", version2(host, mounts2("ro")), "read-only", "privileged"],
  [
    "a container whose root has processes",
    version2(container),
    "passing on: cpu, cpuset, memory, pids",
    "into a child",
  ],
  ["version 2 without its controllers at the root", version1(hybrid), "no cgroup file system", "mount cgroup2"],
  ["a controller that is not mounted", version1(mounts1(all.slice(1))), "without: cpu", "mount these"],
  ["a controller that is disabled", version1(mounts1(all), controllers(all.slice(1))), "without: cpu", "boot with"],
  [
    "version 1, read-only",
    version1(mounts1(all.slice(1)) + mounts1(["cpu"], "ro")),
    "read-only at /sys/fs/cgroup/cpu",
    "privileged",
  ],
  ["no cgroups", version1("proc /proc proc rw 0 0\n"), "no cgroup file system is mounted", "mount cgroup2"],
] as const)("%s: missing, with a mend.", ([, seen, detail, mend]) => {
  const judgement = judgeCgroups(seen);
  expect(judgement.level).toBe("missing");
  expect(judgement.detail).toContain(detail);
  expect(judgement.mend).toContain(mend);
});

test.runIf(process.platform === "linux")("The running kernel's own files can be judged.", async () => {
  expect(judgeCgroups(await readCgroups()).detail).toMatch(/^version [12]|^no cgroup/);
});
