import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../../lib/wait.ts";
import { isAlive, readDaemon, runningProcesses, startDaemon, stopDaemon, tailOf, type Daemon } from "./daemon.ts";

let folder: string;
let pidFile: string;
let logFile: string;
const started: Daemon[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vmesh-daemon-"));
  pidFile = join(folder, "pid");
  logFile = join(folder, "log");
});
afterEach(async () => {
  for (const daemon of started.splice(0)) await stopDaemon(daemon, 500);
  await rm(folder, { recursive: true });
});

async function start(...argv: [string, ...string[]]): Promise<Daemon> {
  const daemon = await startDaemon({ argv, logFile, pidFile });
  started.push(daemon);
  return daemon;
}

describe("a daemon", () => {
  test("runs in a session of its own and is found again through its pid file", async () => {
    const daemon = await start("sleep", "61");

    expect(await readDaemon(pidFile)).toEqual(daemon);
    expect(await isAlive(daemon)).toBe(true);
    const session = (await readFile(`/proc/${daemon.pid}/stat`, "utf8")).split(") ")[1]?.split(" ")[3];
    expect(session).toBe(String(daemon.pid));
  });

  test("is among the running processes, with the same identity", async () => {
    const daemon = await start("sleep", "61");
    // Right after its announcement it may still be the shell that becomes `sleep`.
    await eventually({ what: "it is listed", budgetMs: 5_000, intervalMs: 20 }, async () =>
      expect(await runningProcesses()).toContainEqual({ ...daemon, parent: process.pid }),
    );
  });

  test("is gone after stop, and a second stop does nothing", async () => {
    const daemon = await start("sleep", "61");

    await stopDaemon(daemon);
    expect(await isAlive(daemon)).toBe(false);
    await stopDaemon(daemon);
  });

  test("is killed when it ignores SIGTERM", async () => {
    const script = "trap '' TERM; echo ready; while :; do sleep 1; done";
    const daemon = await start("sh", "-c", script);
    await eventually({ what: "the trap is set", budgetMs: 5_000, intervalMs: 20 }, async () =>
      expect(await tailOf(logFile)).toBe("ready"),
    );

    await stopDaemon(daemon, 300);
    expect(await isAlive(daemon)).toBe(false);
  });

  test("that does not exist leaves its reason in the log and is not alive", async () => {
    const daemon = await start("vmesh-no-such-program");

    await eventually({ what: "it has ended", budgetMs: 5_000, intervalMs: 20 }, async () =>
      expect(await isAlive(daemon)).toBe(false),
    );
    expect(await tailOf(logFile)).toContain("vmesh-no-such-program: not found");
  });
});

describe("a process that only looks like the daemon", () => {
  const changes: [string, (daemon: Daemon) => Daemon][] = [
    ["started at another time", (daemon) => ({ ...daemon, startTime: String(Number(daemon.startTime) - 1) })],
    ["runs another command", (daemon) => ({ ...daemon, argv: ["sleep", "62"] })],
  ];
  test.for(changes)("is neither alive nor killed when it %s", async ([, change]) => {
    const daemon = await start("sleep", "61");

    expect(await isAlive(change(daemon))).toBe(false);
    await stopDaemon(change(daemon), 200);
    expect(await isAlive(daemon)).toBe(true);
  });

  test("is not alive as a zombie", async () => {
    // The shell does not reap its child until `sleep` ends.
    const parent = spawn("sh", ["-c", "sleep 0.1 & echo $!; exec sleep 61"], { stdio: ["ignore", "pipe", "ignore"] });
    const [line] = (await parent.stdout.take(1).toArray()) as Buffer[];
    const pid = Number(String(line));
    await eventually({ what: "it is a zombie", budgetMs: 5_000, intervalMs: 20 }, async () =>
      expect(await readFile(`/proc/${pid}/stat`, "utf8")).toContain(") Z "),
    );
    const startTime = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ")[19] ?? "";

    expect(await isAlive({ pid, startTime, argv: ["sleep", "0.1"] })).toBe(false);
    parent.kill("SIGKILL");
  });
});

test.for([
  ["missing", undefined],
  ["empty", ""],
  ["cut off", "4711\n"],
])("a pid file that is %s tells of no daemon", async ([, content]) => {
  if (content !== undefined) await writeFile(pidFile, content);
  expect(await readDaemon(pidFile)).toBeUndefined();
});
