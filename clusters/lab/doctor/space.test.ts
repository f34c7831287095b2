import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../lib/temporary-folder.ts";
import { existingFolder, judgeSpace, type Places, readDisks } from "./space.ts";

const all: (keyof Places)[] = ["cache", "clusters", "engine", "modules", "compiled", "temporary"];
const disk = (gigabytes: number, places = all) => ({ folder: "/cache", freeBytes: gigabytes * 1e9, places });

test.for([
  ["20 GB for an empty cache", [disk(20)], false, 1, ["fine"]],
  ["19 GB for an empty cache", [disk(19.9)], false, 1, ["missing"]],
  ["8 GB for a filled cache", [disk(8)], true, 1, ["fine"]],
  ["7 GB for a filled cache", [disk(7.9)], true, 1, ["missing"]],
  ["8 GB for a filled cache and two nodes", [disk(8)], true, 2, ["missing"]],
  ["an engine on a small disk of its own", [disk(99), disk(2, ["engine"])], true, 1, ["fine", "missing"]],
  ["an engine on a sufficient one", [disk(99), disk(3, ["engine"])], true, 1, ["fine", "fine"]],
] as const)("%s is judged, with a mend where it is not fine.", ([, disks, isWarm, nodes, levels]) => {
  const judgements = judgeSpace(disks, isWarm, nodes);
  expect(judgements.map(({ level }) => level)).toEqual(levels);
  for (const { level, mend } of judgements) expect(mend === undefined).toBe(level === "fine");
});

test("A disk that is too small is told with its folders, what is needed, and how to move them.", () => {
  expect(judgeSpace([disk(1.9, ["engine", "temporary"])], true, 1)).toEqual([
    {
      name: "disk of the engine",
      level: "missing",
      ok: false,
      detail: "1 GB free at `/cache`, expected 4 GB for a run with a filled cache (the engine, temporary files)",
      mend: "free 3 GB there, or move something to a larger disk (the engine's data root, TMPDIR)",
    },
  ]);
});

test("A way to move several places is named once.", () => {
  const [judgement] = judgeSpace([disk(1, ["cache", "clusters", "compiled"])], false, 1);
  expect(judgement?.name).toBe("disk");
  expect(judgement?.mend).toBe("free 11 GB there, or move something to a larger disk (VMESH_CACHE, GOCACHE)");
});

test("Places on one disk share its space, also those that are not there yet.", async () => {
  const folder = await temporaryFolder();
  const below = (name: string) => join(folder, name, "deep");
  const places = {
    cache: below("cache"),
    clusters: below("clusters"),
    engine: below("engine"),
    modules: folder,
    compiled: folder,
    temporary: folder,
  };
  const disks = await readDisks(places);
  expect(disks).toHaveLength(1);
  expect(disks[0]).toMatchObject({ folder, places: all });
  expect(disks[0]?.freeBytes).toBeGreaterThan(0);
  expect(existingFolder(below("cache"))).toBe(folder);
});

test.runIf(process.platform === "linux")("A place on another disk is told apart.", async () => {
  const folder = await temporaryFolder();
  const here = { cache: folder, clusters: folder, modules: folder, compiled: folder, temporary: folder };
  const disks = await readDisks({ ...here, engine: "/proc" });
  expect(disks.map(({ places }) => places)).toEqual([all.filter((place) => place !== "engine"), ["engine"]]);
});
