import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fine, type Judgement, limited, missing } from "../../finding.ts";

export interface SeenFolder {
  path: string;
  /** Why nothing can be made in it; undefined where something was, and is gone again. */
  problem: string | undefined;
  /** Options of the mount it is on, such as `noexec`. */
  options: readonly string[];
}

/** Judges the cache, or the folder that it will be made in: nodes run programs and make devices there. */
export function judgeCacheFolder(seen: SeenFolder): Judgement {
  const name = "cache folder";
  if (seen.problem !== undefined) {
    return missing(
      name,
      `\`${seen.path}\` cannot be written to: ${seen.problem}`,
      "set VMESH_CACHE to a folder that can",
    );
  }
  const forbidden = seen.options.filter((option) => ["noexec", "nodev", "nosuid"].includes(option));
  if (forbidden.length === 0) return fine(name, `\`${seen.path}\` can be written to`);
  const detail = `\`${seen.path}\` is mounted ${forbidden.join(", ")}, and nodes run programs from there`;
  return missing(name, detail, "set VMESH_CACHE to a folder on a disk without these mount options");
}

export function judgeTemporaryFolder(seen: SeenFolder): Judgement {
  const name = "temporary folder";
  if (seen.problem !== undefined) {
    return missing(name, `\`${seen.path}\` cannot be written to: ${seen.problem}`, "set TMPDIR to a folder that can");
  }
  if (!seen.options.includes("noexec")) return fine(name, `\`${seen.path}\` can be written to`);
  const cost = "services of Debian packages that a run installs cannot be held back";
  return limited(
    name,
    `\`${seen.path}\` is mounted noexec: ${cost}`,
    "set TMPDIR to a folder without, or install them",
  );
}

/** Tries to make something in a folder that exists, and removes it. */
export async function readFolder(path: string): Promise<SeenFolder> {
  const problem = await mkdtemp(join(path, "vmesh-trial-")).then(
    async (made) => void (await rm(made, { recursive: true })),
    (error: Error) => error.message,
  );
  return { path, problem, options: mountOptions(await readFile("/proc/self/mountinfo", "utf8"), path) };
}

/** Options of the mount that a path is on. */
export function mountOptions(mountinfo: string, path: string): string[] {
  const mounts = mountinfo.split("\n").map((line) => {
    const [, , , , point = "", options = ""] = line.split(" ");
    return {
      point: point.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
      options: options.split(","),
    };
  });
  const above = mounts.filter(({ point }) => point === "/" || path === point || path.startsWith(`${point}/`));
  // The last of those at the deepest point hides the others.
  const deepest = Math.max(...above.map(({ point }) => point.length));
  return above.findLast(({ point }) => point.length === deepest)?.options ?? [];
}
