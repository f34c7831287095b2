import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { capabilities, type Environment, saveEnvironment } from "../lib/environment.ts";
import {
  claimState,
  clusterThatIsUp,
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

const sampleEnvironment: Environment = {
  clusterId: "a",
  provider: "lab",
  kubeconfig: "/a/kubeconfig",
  nodes: [],
  versions: {},
  capabilities: Object.fromEntries(capabilities.map((name) => [name, true])) as Environment["capabilities"],
  images: { workload: "workload", guest: "guest" },
  endpoints: {},
  machines: {},
  tools: { istioctl: "istioctl" },
  timeScale: 1,
};

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

test.each(["", "0\n", "-1\n", "half\n"])("A folder whose owner is %j is nobody's", async (owner) => {
  await claimState(stateFolder("a"));
  await writeFile(join(stateFolder("a"), "owner"), owner);
  expect(await knownClusters()).toEqual([{ clusterId: "a", state: "left over" }]);
});

test("A cluster is up if `current` names it and its environment can be read", async () => {
  expect(await clusterThatIsUp()).toBeUndefined();
  await keep("a");
  expect(await clusterThatIsUp()).toBeUndefined();
  await saveEnvironment(environmentFile(stateFolder("a")), sampleEnvironment);
  expect(await clusterThatIsUp()).toBe("a");
  await rm(stateFolder("a"), { recursive: true });
  expect(await clusterThatIsUp()).toBeUndefined();
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
