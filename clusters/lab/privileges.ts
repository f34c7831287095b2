import { readFile } from "node:fs/promises";
import { environmentError } from "../../lib/errors.ts";

/** How a node container gets its rights: all at once, or capability by capability where root itself lacks some. */
export type Privileges = { privileged: true } | { privileged: false; capabilities: string[]; missing: string[] };

/** What this process may hand to a container, read from the kernel. */
export async function nodePrivileges(): Promise<Privileges> {
  const [status, last] = await Promise.all([
    readFile("/proc/self/status", "utf8"),
    readFile("/proc/sys/kernel/cap_last_cap", "utf8"),
  ]);
  return privilegesOf(status, Number(last));
}

/**
 * Judges the bounding set in the text of `/proc/<pid>/status` against the kernel's highest capability.
 * `--privileged` asks for every capability and fails where one is missing ("unable to apply caps"); the others are
 * then to be added one by one, without those that Docker 20.10 has no name for.
 */
export function privilegesOf(status: string, lastCapability: number): Privileges {
  const hex = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (hex === undefined) throw environmentError("`/proc/self/status` has no line `CapBnd:`.", { evidence: status });
  const bounding = BigInt(`0x${hex}`);
  const numbers = Array.from({ length: lastCapability + 1 }, (_, number) => number);
  const name = (number: number) => capabilities[number] ?? `CAP_${number}`;
  const missing = numbers.filter((number) => !(bounding & (1n << BigInt(number)))).map(name);
  if (missing.length === 0) return { privileged: true };
  const known = numbers.filter((number) => bounding & (1n << BigInt(number)) && number <= lastKnownToDocker).map(name);
  return { privileged: false, capabilities: known, missing };
}

/** By number, as in linux/capability.h, without `CAP_`. */
const capabilities = [
  ..."CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE".split(" "),
  ..."NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT".split(" "),
  ..."SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE".split(" "),
  ..."AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ".split(" "),
  ..."PERFMON BPF CHECKPOINT_RESTORE".split(" "),
] as const;

const lastKnownToDocker = capabilities.indexOf("AUDIT_READ");
