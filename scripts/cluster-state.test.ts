import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import {
  claimState,
  environmentFile,
  knownClusters,
  releaseState,
  removeState,
  resolveCluster,
  stateFolder,
} from "./cluster-state.ts";

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "vmesh-state-"));
  vi.stubEnv("VMESH_CACHE", folder);
  return () => rm(folder, { recursive: true });
});

async function keep(clusterId: string): Promise<void> {
  await claimState(stateFolder(clusterId));
  await writeFile(environmentFile(stateFolder(clusterId)), "{}");
  await releaseState(stateFolder(clusterId));
}

test("A cluster folder is in use, then kept under the name `current`, then gone", async () => {
  const folder = stateFolder("a");
  await claimState(folder);
  expect(await knownClusters()).toEqual([{ clusterId: "a", state: "in use" }]);
  await keep("a");
  expect(await knownClusters()).toEqual([{ clusterId: "a", state: "kept" }]);
  expect(await resolveCluster("current")).toBe(environmentFile(folder));
  await removeState(folder);
  expect(await knownClusters()).toEqual([]);
  await expect(resolveCluster("current")).rejects.toThrow("No cluster is up.");
});

test("A folder whose process is dead is left over", async () => {
  const { pid } = spawnSync("true");
  await claimState(stateFolder("a"));
  await writeFile(join(stateFolder("a"), "owner"), `${pid}\n`);
  expect(await knownClusters()).toEqual([{ clusterId: "a", state: "left over" }]);
});

test("Removing another cluster leaves `current` alone", async () => {
  await keep("b");
  await claimState(stateFolder("c"));
  await removeState(stateFolder("c"));
  expect(await resolveCluster("current")).toBe(environmentFile(stateFolder("b")));
});

test("The last one kept is `current`", async () => {
  await keep("a");
  await keep("b");
  expect(await resolveCluster("current")).toBe(environmentFile(stateFolder("b")));
});

test("A path means the file at that path", async () => {
  expect(await resolveCluster("/x/environment.json")).toBe("/x/environment.json");
});
