import { readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";
import { timeouts } from "../lib/timeouts.ts";
import { pause } from "../lib/wait.ts";

/** The most memory that `residentMegabytes` has seen until the signal aborts. */
export async function peakMegabytes(pid: number, until: AbortSignal): Promise<number> {
  let peak = 0;
  while (!until.aborted) {
    peak = Math.max(peak, await residentMegabytes(pid));
    await pause(timeouts.poll, until).catch((error: unknown) => {
      if (!until.aborted) throw error;
    });
  }
  return peak;
}

/**
 * Resident memory of a process and its descendants, as far as they run Node.js: what else they started belongs to the
 * cluster. Pages that two of them share count twice. Linux only: reads `/proc`; 0 if the process is gone.
 */
export async function residentMegabytes(pid: number): Promise<number> {
  const entries = await readdir("/proc");
  const processes = await Promise.all(entries.filter((entry) => /^\d+$/.test(entry)).map(readProcess));
  const children = Map.groupBy(
    processes.flatMap((one) => one ?? []),
    ({ parent }) => parent,
  );
  const familyOf = (parent: number): number[] => [
    parent,
    ...(children.get(parent) ?? []).flatMap((one) => familyOf(one.pid)),
  ];
  const family = new Set(familyOf(pid));
  const ours = processes.flatMap((one) =>
    one && family.has(one.pid) && one.program === "node" ? [one.kilobytes] : [],
  );
  return ours.reduce((sum, kilobytes) => sum + kilobytes, 0) / 1024;
}

/** Undefined for a process that has ended meanwhile, and for what only looks like one. */
async function readProcess(id: string) {
  try {
    const status = await readFile(`/proc/${id}/status`, "utf8");
    const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
    const program = basename(await readlink(`/proc/${id}/exe`));
    return { pid: Number(id), parent: field("PPid"), kilobytes: field("VmRSS"), program };
  } catch {
    return undefined;
  }
}
