import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { stopOthers, stopReason } from "./fail-fast.ts";
import { pauseOnFailure } from "./pause-on-failure.ts";
import { eventually } from "./wait.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vmesh-pause-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const paused = () => join(folder, "area.name");
const waits = () =>
  eventually({ what: "the check waits", budgetMs: 5_000, intervalMs: 20 }, async () => readFile(paused(), "utf8"));

test("A red check waits until its file is gone, and says how to go on.", async () => {
  vi.stubEnv("VMESH_PAUSE", folder);
  const tell = vi.fn<(sentence: string) => Promise<void>>(async () => undefined);
  const pausing = pauseOnFailure("area/name", ["ns-1", "ns-2"], new AbortController().signal, tell);
  expect(await waits()).toBe("ns-1 and ns-2\n");
  expect(tell.mock.calls[0]?.[0]).toContain(`remove \`${paused()}\` to go on`);
  await rm(paused());
  await pausing;
});

test("A red check that waits goes on at an interrupt, and leaves no file.", async () => {
  vi.stubEnv("VMESH_PAUSE", folder);
  const interrupt = new AbortController();
  const pausing = pauseOnFailure("area/name", [], interrupt.signal, async () => undefined);
  await waits();
  interrupt.abort();
  await pausing;
  expect(existsSync(paused())).toBe(false);
});

test("Nobody waits who was not asked to.", async () => {
  vi.stubEnv("VMESH_PAUSE", "");
  const tell = vi.fn<() => Promise<void>>();
  await pauseOnFailure("area/name", [], new AbortController().signal, tell);
  expect(tell).not.toHaveBeenCalled();
});

test("A red check stops those that have not begun, by its name.", () => {
  vi.stubEnv("VMESH_STOP", join(folder, "stop"));
  vi.stubEnv("VMESH_FAIL_FAST", "1");
  expect(stopReason()).toBeUndefined();
  stopOthers("area/name");
  expect(stopReason()).toBe("not started: `area/name` was red, and --fail-fast was asked for");
});

test("Without fail-fast a red check stops nothing, but the run may.", async () => {
  vi.stubEnv("VMESH_STOP", join(folder, "stop"));
  vi.stubEnv("VMESH_FAIL_FAST", "");
  stopOthers("area/name");
  expect(stopReason()).toBeUndefined();
  await writeFile(join(folder, "stop"), "the API server is silent");
  expect(stopReason()).toBe("not started: the API server is silent");
});
