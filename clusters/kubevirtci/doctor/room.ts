import { statfs } from "node:fs/promises";
import { fine, type Judgement, missing } from "../../finding.ts";
import { existingFolder } from "../../lab/doctor/space.ts";
import type { MemoryLimit } from "../../lab/doctor/memory.ts";

/** GiB for engine, registry and whatever vmesh itself needs beside the nodes; an estimate. */
const besideNodes = 2;

/** GB: the node image and Istio's and KubeVirt's in it, and what each node writes over that. Estimates, not measured. */
const image = 20;
const perNode = 10;

/** Judges `/proc/meminfo`, and the limit on what is started here if there is one, by what the nodes get. */
export function judgeMemory(
  meminfo: string,
  limit: MemoryLimit | undefined,
  { nodes, memory }: { nodes: number; memory: string },
): Judgement {
  const free = Number(/^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1] ?? Number.NaN) / 2 ** 20;
  const available = Math.min(free, limit ? (limit.limit - limit.used) / 2 ** 30 : Number.POSITIVE_INFINITY);
  const needed = nodes * gibibytesOf(memory) + besideNodes;
  const detail = `${available.toFixed(1)} GiB are available`;
  const cluster = `${nodes} of ${memory} and ${besideNodes} GiB beside them`;
  if (available >= needed) return fine("memory", `${detail}, nodes take ${needed.toFixed(1)} GiB (${cluster})`);
  const mend = `${nodes > 1 ? "use fewer nodes, " : ""}end what uses it, give \`settings.kubevirtci.memory\` less, or use a larger machine`;
  return missing("memory", `${detail}, expected ${needed.toFixed(1)} GiB (${cluster})`, mend);
}

/** `dataRoot` is the engine's, where it said. */
export function judgeDisk(seen: { folder: string; freeBytes: number }, nodes: number): Judgement {
  const needed = image + nodes * perNode;
  const free = Math.floor(seen.freeBytes / 1e9);
  const detail = `${free} GB free at \`${seen.folder}\``;
  if (free >= needed) return fine("disk", `${detail}, a run takes up to ${needed} GB`);
  return missing(
    "disk",
    `${detail}, expected ${needed} GB`,
    `free ${needed - free} GB there, or move the engine's data`,
  );
}

export async function readFreeSpace(dataRoot: string | undefined): Promise<{ folder: string; freeBytes: number }> {
  const folder = existingFolder(dataRoot ?? "/var/lib");
  const { bavail, bsize } = await statfs(folder);
  return { folder, freeBytes: bavail * bsize };
}

/** QEMU's megabytes and gigabytes count in powers of two. */
function gibibytesOf(memory: string): number {
  const figure = Number.parseInt(memory, 10);
  return memory.endsWith("G") ? figure : figure / 1024;
}
