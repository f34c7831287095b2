import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../lib/temporary-folder.ts";
import { judgeCacheFolder, judgeTemporaryFolder, mountOptions, readFolder } from "./folders.ts";

const folder = (change: { problem?: string; options?: string[] }) => ({
  path: "/data/cache",
  problem: undefined,
  options: ["rw", "relatime"],
  ...change,
});
const full = { problem: "ENOSPC: no space left on device" };

test.for([
  ["a cache that can be written to", judgeCacheFolder(folder({})), "fine", undefined],
  ["one that cannot", judgeCacheFolder(folder(full)), "missing", "VMESH_CACHE"],
  ["one without programs", judgeCacheFolder(folder({ options: ["rw", "noexec"] })), "missing", "VMESH_CACHE"],
  ["one without devices", judgeCacheFolder(folder({ options: ["rw", "nodev"] })), "missing", "VMESH_CACHE"],
  ["one without file capabilities", judgeCacheFolder(folder({ options: ["rw", "nosuid"] })), "missing", "VMESH_CACHE"],
  ["a temporary folder that can be written to", judgeTemporaryFolder(folder({})), "fine", undefined],
  ["one that cannot", judgeTemporaryFolder(folder(full)), "missing", "TMPDIR"],
  ["one without programs", judgeTemporaryFolder(folder({ options: ["noexec"] })), "limited", "TMPDIR"],
  ["one without devices", judgeTemporaryFolder(folder({ options: ["nodev", "nosuid"] })), "fine", undefined],
] as const)("%s: judged, with a mend where it is not fine.", ([, { level, mend, detail }, expected, words]) => {
  expect(level).toBe(expected);
  expect(detail).toContain("`/data/cache`");
  if (words === undefined) expect(mend).toBeUndefined();
  else expect(mend).toContain(words);
});

test("A folder that can be written to is empty again afterwards.", async () => {
  const path = await temporaryFolder();
  expect(await readFolder(path)).toMatchObject({ path, problem: undefined });
  expect(await readdir(path)).toEqual([]);
});

test.runIf(process.platform === "linux")(
  "A folder that cannot be written to is told with the kernel's reason.",
  async () => {
    const { problem } = await readFolder("/proc");
    expect(problem).toMatch(/ENOENT|EACCES|EPERM/);
  },
);

const mountinfo = [
  "1 0 8:1 / / rw,relatime - ext4 /dev/a rw",
  "2 1 8:2 / /data rw,nosuid - ext4 /dev/b rw",
  "3 1 8:3 / /data\\040two rw,noexec - ext4 /dev/c rw",
  "4 1 8:4 / /data rw,nodev - ext4 /dev/d rw",
].join("\n");

test.for([
  ["/home", ["rw", "relatime"]],
  ["/data/cache", ["rw", "nodev"]],
  ["/database", ["rw", "relatime"]],
  ["/data two", ["rw", "noexec"]],
] as const)("The options of `%s` are those of the last mount at the deepest point above it.", ([path, options]) => {
  expect(mountOptions(mountinfo, path)).toEqual(options);
});
