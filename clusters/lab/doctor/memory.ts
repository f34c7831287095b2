import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fine, type Judgement, limited, missing } from "../../finding.ts";

/** What a cgroup may use and does use, in bytes; what the kernel can drop at once (file caches) does not count. */
export interface MemoryLimit {
  limit: number;
  used: number;
}

/**
 * Judges `/proc/meminfo` and the limit on what is started here, if there is one. What is available counts, not what is
 * built in.
 */
export function judgeMemory(meminfo: string, limit: MemoryLimit | undefined, nodes: number): Judgement {
  const total = figureOf(meminfo, "MemTotal");
  const free = figureOf(meminfo, "MemAvailable");
  const withinLimit = limit ? (limit.limit - limit.used) / 2 ** 30 : Number.POSITIVE_INFINITY;
  const available = Math.min(free, withinLimit);
  const whole = withinLimit < free && limit ? `a limit of ${gibibytes(limit.limit / 2 ** 30)}` : gibibytes(total);
  const detail = `${gibibytes(available)} of ${whole} are available`;
  const needed = firstNode + (nodes - 1) * furtherNode;
  const cluster = nodes === 1 ? "one node" : `${nodes} nodes`;
  if (available >= needed) return fine("memory", `${detail}, a run with ${cluster} takes up to ${gibibytes(needed)}`);
  const mend =
    withinLimit < free
      ? "raise the memory limit of this container or service"
      : `end what uses it (\`ps -eo rss,args --sort=-rss | head\`)${nodes > 1 ? ", use fewer nodes" : ""}, or use a larger machine`;
  return missing("memory", `${detail}, expected ${gibibytes(needed)} for ${cluster}`, mend);
}

/** Judges the swap in `/proc/meminfo`. Kubelets of the lab are told to accept it. */
export function judgeSwap(meminfo: string): Judgement {
  const total = figureOf(meminfo, "SwapTotal");
  if (total === 0) return fine("swap", "none");
  const used = total - figureOf(meminfo, "SwapFree");
  const detail = `${gibibytes(used)} of ${gibibytes(total)} are in use`;
  if (used <= total / 2) return fine("swap", `${detail}; nodes accept it`);
  const cost = "guests may stand still while they are fetched back, and limits of waits be too short";
  return limited("swap", `${detail}, expected at most half: ${cost}`, "end what uses much memory, or add some");
}

/**
 * The limit on the cgroup that everything started here is below: in a container its own, on a host none. Version 2 has
 * its files at the root, version 1 in a folder.
 */
export async function readMemoryLimit(root = "/sys/fs/cgroup"): Promise<MemoryLimit | undefined> {
  const versions = [
    { folder: root, limit: "memory.max", used: "memory.current", droppable: "inactive_file" },
    {
      folder: join(root, "memory"),
      limit: "memory.limit_in_bytes",
      used: "memory.usage_in_bytes",
      droppable: "total_inactive_file",
    },
  ];
  for (const { folder, limit, used, droppable } of versions) {
    // A host's root has no such file.
    const text = await readFile(join(folder, limit), "utf8").catch(() => "max");
    const bytes = Number(text);
    // Version 1 says "none" with the largest number of whole pages.
    if (!(bytes < 2 ** 60)) continue;
    const stat = await readFile(join(folder, "memory.stat"), "utf8");
    const cached = Number(new RegExp(`^${droppable} (\\d+)$`, "m").exec(stat)?.[1] ?? 0);
    return { limit: bytes, used: Number(await readFile(join(folder, used), "utf8")) - cached };
  }
  return undefined;
}

/** Measured while checks ran, in GiB: a node 3.0 to 3.5, the external VM 1.6; compilers before that take less. */
const firstNode = 5;
/** A second one 0.9 to 1.5. */
const furtherNode = 1.5;

/** A figure of meminfo, which counts in KiB, in GiB. */
function figureOf(meminfo: string, name: string): number {
  const figure = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(meminfo)?.[1];
  if (figure === undefined) throw new Error(`\`/proc/meminfo\` has no line \`${name}:\`, expected one in kB.`);
  return Number(figure) / 2 ** 20;
}

function gibibytes(figure: number): string {
  return `${figure.toFixed(1)} GiB`;
}
