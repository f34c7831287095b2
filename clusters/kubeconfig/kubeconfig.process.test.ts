import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kubeconfig } from "./kubeconfig.ts";
import { scene } from "./scene.fixture.ts";

// What is asked again until its time is over.

const { signal } = new AbortController();

test("A cluster that lost a node meanwhile is told.", async () => {
  const { options, objects } = await scene();
  const cluster = await kubeconfig.create(options, signal);
  await cluster.verify?.();
  objects.splice(0, 1);
  await expect(cluster.verify?.()).rejects.toThrow("not now: `one`");
});

test("A cluster that does not answer any more keeps its folder, and `clean` says what to do.", async () => {
  const { options } = await scene();
  await kubeconfig.create(options, signal);
  const copy = join(options.stateDir, "kubeconfig");
  const nowhere = (await readFile(copy, "utf8")).replace(/127\.0\.0\.1:\d+/, "127.0.0.1:1");
  await writeFile(copy, nowhere);
  const { cacheDir, log, clusterId: only } = options;
  await expect(kubeconfig.clean({ cacheDir, log, only })).rejects.toMatchObject({
    kind: "environment",
    hint: expect.stringContaining(`rm -r ${options.stateDir}`),
  });
  expect(existsSync(copy)).toBe(true);
});
