import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { pause } from "../lib/wait.ts";
import { peakMegabytes, residentMegabytes } from "./process-memory.ts";

const program =
  "const kept = Buffer.alloc(100 * 2 ** 20, 1); process.stdout.write(`${kept.length}`); process.stdin.resume();";

test.skipIf(process.platform !== "linux")("Memory is that of the process and of what it started.", async () => {
  const before = await residentMegabytes(process.pid);
  const child = spawn(process.execPath, ["-e", program], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const own = await residentMegabytes(child.pid ?? 0);
  expect(own).toBeGreaterThan(100);
  expect(own).toBeLessThan(400);
  expect(await residentMegabytes(process.pid)).toBeGreaterThan(before + 90);

  const until = new AbortController();
  const peak = peakMegabytes(child.pid ?? 0, until.signal);
  await pause(500);
  child.stdin.end();
  await once(child, "close");
  until.abort();
  expect(await peak).toBeGreaterThan(100);
});
