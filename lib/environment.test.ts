import { readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { capabilities, loadEnvironment, saveEnvironment } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const environment: Environment = {
  clusterId: "c1",
  provider: "lab",
  kubeconfig: "/tmp/kubeconfig",
  nodes: [{ name: "node-1", address: "10.0.0.2" }],
  versions: { kubernetes: "v1.34.4" },
  capabilities: Object.fromEntries(capabilities.map((name) => [name, true])) as Environment["capabilities"],
  images: { workload: "workload:1", guest: "guest:1" },
  endpoints: {},
  machines: {},
  tools: { istioctl: "/usr/bin/istioctl" },
  timeScale: 2,
};

async function freshPath(): Promise<string> {
  return join(await temporaryFolder(), "deep", "environment.json");
}

test("An environment is read as it was written, by its owner only, with no draft left.", async () => {
  const path = await freshPath();
  await saveEnvironment(path, environment);
  expect(await loadEnvironment(path)).toEqual(environment);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(dirname(path))).toEqual(["environment.json"]);
});

test("A file that is not there is named, with what to do.", async () => {
  await expect(loadEnvironment("/no/such/file")).rejects.toMatchObject({
    kind: "environment",
    message: "No cluster environment at `/no/such/file`.",
    hint: expect.stringContaining("scripts/vmesh up"),
  });
});

test.each([
  ["an unknown key", { ...environment, extra: 1 }, "extra"],
  ["a missing key", { ...environment, kubeconfig: undefined }, "kubeconfig"],
  ["a factor of zero", { ...environment, timeScale: 0 }, "timeScale"],
])("A file with %s is refused with what is wrong.", async (_, content, evidence) => {
  const path = join(dirname(dirname(await freshPath())), "broken.json");
  await writeFile(path, JSON.stringify(content));
  await expect(loadEnvironment(path)).rejects.toMatchObject({
    kind: "environment",
    evidence: expect.stringContaining(evidence),
  });
});
