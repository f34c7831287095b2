import { existsSync } from "node:fs";
import { stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fine, type Judgement, missing } from "../../finding.ts";

/** Folders that a run writes to. */
export interface Places {
  cache: string;
  clusters: string;
  /** The data root of the engine that answers, or of the one that a run starts. */
  engine: string;
  /** Go's own caches. */
  modules: string;
  compiled: string;
  temporary: string;
}

/** A disk with the places on it. */
export interface SeenDisk {
  /** The first of them that exists, or what does above it. */
  folder: string;
  freeBytes: number;
  places: readonly (keyof Places)[];
}

/** Judges each disk by all that a run writes to it. `isWarm`: the cache has what a run is made of. */
export function judgeSpace(disks: readonly SeenDisk[], isWarm: boolean, nodes: number): Judgement[] {
  return disks.map(({ folder, freeBytes, places }) => {
    const [first] = places;
    const name = places.includes("cache") || first === undefined ? "disk" : `disk of ${titles[first]}`;
    const needed = places.reduce((sum, place) => sum + gigabytes(place, isWarm, nodes), 0);
    const free = Math.floor(freeBytes / 1e9);
    const detail = `${free} GB free at \`${folder}\``;
    const purpose = `a run with ${isWarm ? "a filled" : "an empty"} cache (${places.map((place) => titles[place]).join(", ")})`;
    if (free >= needed) return fine(name, `${detail}, ${purpose} takes up to ${needed} GB`);
    const ways = [...new Set(places.map((place) => moving[place]))].join(", ");
    const mend = `free ${needed - free} GB there, or move something to a larger disk (${ways})`;
    return missing(name, `${detail}, expected ${needed} GB for ${purpose}`, mend);
  });
}

/** The disks these places are on, or will be once they are made. */
export async function readDisks(places: Places): Promise<SeenDisk[]> {
  const names = Object.keys(places) as (keyof Places)[];
  const seen = await Promise.all(
    names.map(async (place) => {
      const folder = existingFolder(places[place]);
      const [{ dev }, { bavail, bsize }] = await Promise.all([stat(folder), statfs(folder)]);
      return { place, folder, dev, freeBytes: bavail * bsize };
    }),
  );
  return [...Map.groupBy(seen, ({ dev }) => dev).values()].map((group) => {
    const { folder = "", freeBytes = 0 } = group[0] ?? {};
    return { folder, freeBytes, places: group.map(({ place }) => place) };
  });
}

/** The folder itself, or the nearest one above it that exists. */
export function existingFolder(path: string): string {
  let folder = resolve(path);
  while (!existsSync(folder)) folder = dirname(folder);
  return folder;
}

/**
 * GB a run adds, with an empty cache and with a filled one. Measured: 15 in all after a first run (entries of the cache
 * 4.5, images in the engine 2 to 3, Go's caches 3.7 and 4), to which a later one adds 2; the rest is for drafts.
 */
const added: Record<keyof Places, { cold: number; warm: number }> = {
  cache: { cold: 6, warm: 3 },
  clusters: { cold: 1, warm: 1 },
  engine: { cold: 3, warm: 3 },
  modules: { cold: 4, warm: 0 },
  compiled: { cold: 5, warm: 0 },
  temporary: { cold: 1, warm: 1 },
};

const titles: Record<keyof Places, string> = {
  cache: "the cache",
  clusters: "clusters",
  engine: "the engine",
  modules: "Go's modules",
  compiled: "Go's build cache",
  temporary: "temporary files",
};

const moving: Record<keyof Places, string> = {
  cache: "VMESH_CACHE",
  clusters: "VMESH_CACHE",
  engine: "the engine's data root",
  modules: "GOMODCACHE",
  compiled: "GOCACHE",
  temporary: "TMPDIR",
};

function gigabytes(place: keyof Places, isWarm: boolean, nodes: number): number {
  const each = place === "clusters" ? nodes : 1;
  return each * added[place][isWarm ? "warm" : "cold"];
}
