import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Log } from "../lib/log.ts";

/** Where red checks that wait have a file each; it is gone when they may go on. */
export function pausedFolder(reportFolder: string): string {
  return join(reportFolder, "paused");
}

/** Lets all red checks that wait go on whenever Enter is pressed. What it returns ends that. */
export function tellPaused(log: Log, folder: string): () => void {
  if (!process.stdin.isTTY) return () => undefined;
  const lines = createInterface({ input: process.stdin });
  lines.on("line", () => {
    const waiting = existsSync(folder) ? readdirSync(folder) : [];
    for (const name of waiting) rmSync(join(folder, name), { force: true });
    if (waiting.length > 0) log.info(`going on: ${waiting.join(", ")}`);
  });
  return () => {
    lines.close();
    process.stdin.unref?.();
  };
}
