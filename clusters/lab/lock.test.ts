import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../../lib/command.ts";
import { eventually } from "../../lib/wait.ts";
import { lockFile } from "./lock.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vmesh-lock-"));
  path = join(folder, "deeper", "lock");
});
afterEach(() => rm(folder, { recursive: true }));

test.for([
  ["shared", "shared", true],
  ["shared", "exclusive", false],
  ["exclusive", "shared", false],
  ["exclusive", "exclusive", false],
] as const)("beside a %s lock, a %s one can be had: %s", async ([first, second, expected]) => {
  const holder = await lockFile(path, { mode: first });
  const other = await lockFile(path, { mode: second, tryOnly: true });
  expect(other !== undefined).toBe(expected);

  await other?.release();
  await holder.release();
  await holder.release();
  const afterwards = await lockFile(path, { mode: "exclusive", tryOnly: true });
  expect(afterwards).toBeDefined();
  await afterwards?.release();
});

test("a waiting lock is had as soon as the other is released", async () => {
  const first = await lockFile(path, { mode: "exclusive" });
  let had = false;
  const second = lockFile(path, { mode: "exclusive" }).then((lock) => {
    had = true;
    return lock;
  });
  expect(had).toBe(false);
  await first.release();
  await (await second).release();
});

test("an abort ends the wait for a lock, not a lock that is held", async () => {
  const controller = new AbortController();
  const held = await lockFile(path, { mode: "exclusive", signal: controller.signal });
  const waiting = lockFile(path, { mode: "exclusive", signal: controller.signal });
  controller.abort();

  await expect(waiting).rejects.toThrow("Interrupted while waiting for the lock");
  expect(await lockFile(path, { mode: "shared", tryOnly: true })).toBeUndefined();
  await held.release();
});

test("a lock that is never released does not keep its process from ending", async () => {
  const source = `import { lockFile } from ${JSON.stringify(import.meta.resolve("./lock.ts"))};
    await lockFile(${JSON.stringify(path)}, { mode: "exclusive" });`;
  await run(process.execPath, ["--input-type=module", "--eval", source], { timeoutMs: 5_000 });
});

test("a lock ends with its process, killed the hard way", async () => {
  const source = `import { lockFile } from ${JSON.stringify(import.meta.resolve("./lock.ts"))};
    await lockFile(${JSON.stringify(path)}, { mode: "exclusive" }); console.log("held"); setInterval(() => {}, 1e6);`;
  const owner = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await owner.stdout.take(1).toArray();
  expect(await lockFile(path, { mode: "exclusive", tryOnly: true })).toBeUndefined();

  owner.kill("SIGKILL");
  await eventually({ what: "the lock is free", budgetMs: 5_000, intervalMs: 20 }, async () => {
    const lock = await lockFile(path, { mode: "exclusive", tryOnly: true });
    expect(lock).toBeDefined();
    await lock?.release();
  });
});
