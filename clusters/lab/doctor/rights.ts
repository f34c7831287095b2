import { fine, type Judgement, limited, missing } from "../../finding.ts";
import type { Privileges } from "../privileges.ts";

/** Judges the user and `/proc/self/uid_map`: root of a user namespace alone may neither mount nor make devices. */
export function judgeUser(isRoot: boolean, uidMap: string): Judgement {
  const why = "nodes need namespaces, mounts, devices and an engine";
  if (!isRoot) return missing("user", `not root: ${why}; kernel features cannot be tried without it`, "run with sudo");
  // Columns: first user inside, first user outside, how many.
  if (/^\s*0\s+0\s+4294967295\s*$/.test(uidMap)) return fine("user", "root");
  const mend = "run as root of the machine, or in a container without user namespace";
  return missing("user", `root of a user namespace only: ${why}`, mend);
}

/** Judges the bounding set, which no container can have more than. */
export function judgeCapabilities(privileges: Privileges): Judgement {
  const name = "capabilities";
  if (privileges.privileged) return fine(name, "all; nodes run privileged");
  const needed = privileges.missing.filter((capability) => neededFor.has(capability));
  if (needed.length === 0) {
    return fine(name, `all that are needed, without ${privileges.missing.join(", ")}; nodes get them one by one`);
  }
  const words = needed.map((capability) => `${capability} (${neededFor.get(capability)})`);
  const mend = `start this machine or container with ${needed.map((capability) => `CAP_${capability}`).join(", ")}`;
  return missing(name, `missing in the bounding set: ${words.join(", ")}`, mend);
}

/**
 * Judges what a process hands on to all it starts, in `/proc/self/status`: an engine that was there is not started from
 * here and has its own.
 */
export function judgeConfinement(status: string, hasEngine: boolean): Judgement {
  const name = "confinement";
  const value = (key: string) => new RegExp(`^${key}:\\s+(\\d)$`, "m").exec(status)?.[1];
  if (hasEngine) return fine(name, "that of the Docker engine which answers");
  if (value("NoNewPrivs") === "1") {
    const cost = "programs in nodes get no capabilities of their files, so virt-launcher does not start";
    const mend = "start this container or service without `no-new-privileges` (NoNewPrivileges=no)";
    return missing(name, `\`no_new_privs\` is set: ${cost}`, mend);
  }
  if (value("Seccomp") === "2") {
    const cost = "nodes cannot lose it, and what it forbids shows among the kernel features at best";
    const mend = "start this container with `--security-opt seccomp=unconfined`";
    return limited(name, `a seccomp filter is on: ${cost}`, mend);
  }
  return fine(name, "none: no seccomp filter, no `no_new_privs`");
}

/** What nodes do with each. */
const neededFor: ReadonlyMap<string, string> = new Map([
  ["CHOWN", "unpacking images"],
  ["DAC_OVERRIDE", "unpacking images"],
  ["FOWNER", "unpacking images"],
  ["FSETID", "unpacking images"],
  ["KILL", "stopping containers"],
  ["MKNOD", "devices of nodes and guests"],
  ["NET_ADMIN", "bridges, taps, packet filters"],
  ["NET_BIND_SERVICE", "ports below 1024"],
  ["NET_RAW", "packet filters, ping"],
  ["SETFCAP", "images with file capabilities"],
  ["SETGID", "containers of other users"],
  ["SETPCAP", "dropping capabilities in containers"],
  ["SETUID", "containers of other users"],
  ["SYS_ADMIN", "mounts, namespaces"],
  ["SYS_CHROOT", "container root folders"],
  ["SYS_PTRACE", "looking into guests' processes"],
]);
