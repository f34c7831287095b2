import { watch } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../lib/temporary-folder.ts";
import { judgeFiles, judgeInotify, judgeProcesses, readFiles, readInotify, readProcesses } from "./limits.ts";

const many = { max: 1_000_000, used: 5000 };
const within = "the setting `kernel.pid_max`";

test.for([
  ["a stock kernel with one node", judgeInotify({ max: 128, used: 30 }, 1), "fine", undefined],
  ["a stock kernel with three nodes", judgeInotify({ max: 128, used: 30 }, 3), "limited", "max_user_instances=512"],
  ["a stock kernel with four nodes", judgeInotify({ max: 128, used: 30 }, 4), "missing", "max_user_instances=512"],
  ["a busy machine", judgeInotify({ max: 600, used: 590 }, 1), "missing", "max_user_instances=630"],
  ["enough files", judgeFiles({ ofProcess: 1024, ofMachine: many }, 2), "fine", undefined],
  ["no limit on files", judgeFiles({ ofProcess: Number.POSITIVE_INFINITY, ofMachine: many }, 1), "fine", undefined],
  ["few files for one process", judgeFiles({ ofProcess: 1023, ofMachine: many }, 1), "missing", "ulimit -Hn"],
  [
    "few files left",
    judgeFiles({ ofProcess: 4096, ofMachine: { max: 9000, used: 2000 } }, 1),
    "missing",
    "fs.file-max=18000",
  ],
  ["enough processes", judgeProcesses({ max: 32768, used: 400, within }, 9), "fine", undefined],
  [
    "few processes left",
    judgeProcesses({ max: 4096, used: 2700, within }, 1),
    "missing",
    "raise the setting `kernel.pid_max`",
  ],
] as const)("%s: judged, with a mend where it is not fine.", ([, { level, mend }, expected, words]) => {
  expect(level).toBe(expected);
  if (words === undefined) expect(mend).toBeUndefined();
  else expect(mend).toContain(words);
});

test.runIf(process.platform === "linux")("An inotify instance that is made here is counted.", async () => {
  // Node.js makes one instance for all its watchers, and may have it already.
  const watcher = watch(await temporaryFolder());
  const { max, used } = await readInotify();
  watcher.close();
  expect(used).toBeGreaterThan(0);
  expect(max).toBeGreaterThanOrEqual(used);
});

test.runIf(process.platform === "linux")("Files and processes are counted on the running kernel.", async () => {
  const { ofProcess, ofMachine } = await readFiles();
  expect(ofProcess).toBeGreaterThan(0);
  expect(ofMachine.used).toBeGreaterThan(0);
  expect(ofMachine.max).toBeGreaterThan(ofMachine.used);
  const { max, used } = await readProcesses(await temporaryFolder());
  expect(used).toBeGreaterThan(0);
  expect(max).toBeGreaterThan(used);
});

test.runIf(process.platform === "linux")("The limit of a container counts where it is the narrowest.", async () => {
  const cgroup = await temporaryFolder();
  await writeFile(join(cgroup, "pids.max"), "100\n");
  await writeFile(join(cgroup, "pids.current"), "40\n");
  const quota = await readProcesses(cgroup);
  expect(quota).toEqual({ max: 100, used: 40, within: "the limit on processes of this container or service" });
  expect(judgeProcesses(quota, 1)).toMatchObject({ level: "missing", detail: expect.stringContaining("60 of 100") });
  await writeFile(join(cgroup, "pids.max"), "max\n");
  expect((await readProcesses(cgroup)).max).toBeGreaterThan(100);
});
